// Measures what the project promises to be fast, and says for each whether it is.
//
//   npm run bench                        everything
//   npm run bench -- engine              parts by name; this one is all whose names begin with "engine-"
//   npm run bench -- engine-scaling      one part; their names are the keys of BENCHES below
//   npm run bench -- --json FILE …       writes the figures there as well
//   npm run bench -- --profile engine-builds    also profiles the node (test/bench/profiles) and counts its statements
//   npm run bench -- --count 50 engine-builds   so many builds in place of a thousand; of engine-history ended tasks
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { printTable, type BenchOptions, type Finding } from './measure.ts';

type Bench = (options: BenchOptions) => Promise<readonly Finding[]> | readonly Finding[];

/** Each part is loaded when its turn comes, so that the measuring process has done as little as possible before. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  statetable: async () => (await import('./statetable.ts')).benchStateTables,
  'testkit-tasks': async () => (await import('./testkit-tasks.ts')).benchSimulatedTasks,
  'engine-bars': async () => (await import('./engine-bars.ts')).benchEngineBars,
  'engine-peers': async () => (await import('./engine-peers.ts')).benchEnginePeers,
  'engine-scaling': async () => (await import('./engine-scaling.ts')).benchEngineScaling,
  'engine-heartbeats': async () => (await import('./engine-heartbeats.ts')).benchHeartbeats,
  'engine-queue': async () => (await import('./engine-queue.ts')).benchQueue,
  'engine-history': async () => (await import('./engine-history.ts')).benchHistory,
  'engine-builds': async () => (await import('./engine-builds.ts')).benchBuilds,
  build: async () => (await import('./build.ts')).benchBuild,
  agent: async () => (await import('./agent.ts')).benchAgent,
  'agent-day': async () => (await import('./agent-day.ts')).benchAgentDay,
  walk: async () => (await import('./walk.ts')).benchWalk,
  output: async () => (await import('./output.ts')).benchOutput,
  sizing: async () => (await import('./sizing.ts')).benchSizing,
  'output-follow': async () => (await import('./output-follow.ts')).benchFollowedOutput,
  'output-many': async () => (await import('./output-many.ts')).benchOutputOfMany,
  'testkit-system': async () => (await import('./testkit-system.ts')).benchTestkitSystem,
  'interface-list': async () => (await import('./interface-list.ts')).benchList,
  'interface-followers': async () => (await import('./interface-followers.ts')).benchFollowers,
  'interface-paint': async () => (await import('./interface-paint.ts')).benchPaint,
  'interface-first-output': async () => (await import('./interface-first-output.ts')).benchFirstOutput,
  'interface-submissions': async () => (await import('./interface-submissions.ts')).benchSubmissions,
  flood: async () => (await import('./flood.ts')).benchFlood,
};

function isWantedBy(word: string, name: string): boolean {
  return name === word || name.startsWith(`${word}-`);
}

function print(name: string, finding: Finding): void {
  if ('rows' in finding) return console.log(`  ${name}: ${printTable(finding)}`);
  const { what, measured, isKept, promise } = finding;
  console.log(`${isKept ? '✓' : '✗'} ${name}: ${what}: ${measured} (promised: ${promise})`);
  if (!isKept) process.exitCode = 1;
}

const { values, positionals: wanted } = parseArgs({
  options: { json: { type: 'string' }, profile: { type: 'boolean', default: false }, count: { type: 'string' } },
  allowPositionals: true,
});
const names = Object.keys(BENCHES);
const unknown = wanted.filter((word) => !names.some((name) => isWantedBy(word, name)));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}: choose from engine, interface, ${names.join(', ')}.`);
  process.exit(2);
}
if (values.count !== undefined && !/^[1-9]\d{0,6}$/.test(values.count)) {
  console.error(`--count takes a whole number from 1 to 9999999, not ${values.count}.`);
  process.exit(2);
}
const options: BenchOptions = {
  profile: values.profile,
  count: values.count === undefined ? null : Number(values.count),
};
const findings: Record<string, readonly Finding[]> = {};
for (const [name, load] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.some((word) => isWantedBy(word, name))) continue;
  const bench = await load();
  // A reader of the figures must know whether the machine was busy otherwise.
  console.log(`  ${name}: load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`);
  try {
    findings[name] = await bench(options);
    for (const finding of findings[name]) print(name, finding);
  } catch (error) {
    // The other parts still have their figures.
    console.log(`✗ ${name}: did not come to its end: ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = 1;
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(findings, null, 2)}\n`);
