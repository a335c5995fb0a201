// Measures what the project promises to be fast, and says for each whether it is.
//
//   npm run bench                        everything
//   npm run bench -- engine              parts by name; this one is all whose names begin with "engine-"
//   npm run bench -- engine-scaling      one of: statetable testkit-tasks engine-bars engine-peers engine-scaling
//                                        engine-heartbeats engine-builds agent agent-day walk output testkit-system flood
//   npm run bench -- --json FILE …       writes the figures there as well
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { printTable, type Finding } from './measure.ts';

type Bench = () => Promise<readonly Finding[]> | readonly Finding[];

/** Each part is loaded when its turn comes, so that the measuring process has done as little as possible before. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  statetable: async () => (await import('./statetable.ts')).benchStateTables,
  'testkit-tasks': async () => (await import('./testkit-tasks.ts')).benchSimulatedTasks,
  'engine-bars': async () => (await import('./engine-bars.ts')).benchEngineBars,
  'engine-peers': async () => (await import('./engine-peers.ts')).benchEnginePeers,
  'engine-scaling': async () => (await import('./engine-scaling.ts')).benchEngineScaling,
  'engine-heartbeats': async () => (await import('./engine-heartbeats.ts')).benchHeartbeats,
  'engine-builds': async () => (await import('./engine-builds.ts')).benchBuilds,
  agent: async () => (await import('./agent.ts')).benchAgent,
  'agent-day': async () => (await import('./agent-day.ts')).benchAgentDay,
  walk: async () => (await import('./walk.ts')).benchWalk,
  output: async () => (await import('./output.ts')).benchOutput,
  'testkit-system': async () => (await import('./testkit-system.ts')).benchTestkitSystem,
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

const { values, positionals: wanted } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const names = Object.keys(BENCHES);
const unknown = wanted.filter((word) => !names.some((name) => isWantedBy(word, name)));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}: choose from engine, ${names.join(', ')}.`);
  process.exit(2);
}
const findings: Record<string, readonly Finding[]> = {};
for (const [name, load] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.some((word) => isWantedBy(word, name))) continue;
  const bench = await load();
  // A reader of the figures must know whether the machine was busy otherwise.
  console.log(`  ${name}: load average ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`);
  findings[name] = await bench();
  for (const finding of findings[name]) print(name, finding);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(findings, null, 2)}\n`);
