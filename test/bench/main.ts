// Measures what the project promises to be fast, and says for each whether it is.
//
//   npm run bench                  everything
//   npm run bench -- engine        parts by name: statetable engine agent walk output
import type { Measurement } from './measure.ts';

type Bench = () => Promise<readonly Measurement[]> | readonly Measurement[];

/** Each part is loaded when its turn comes, so that it is measured in a process that has done as little as possible. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  statetable: async () => (await import('./statetable.ts')).benchStateTables,
  engine: async () => (await import('./engine.ts')).benchEngine,
  agent: async () => (await import('./agent.ts')).benchAgent,
  walk: async () => (await import('./walk.ts')).benchWalk,
  output: async () => (await import('./output.ts')).benchOutput,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}: choose from ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
for (const [name, load] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const bench = await load();
  for (const { what, measured, isKept, promise } of await bench()) {
    console.log(`${isKept ? '✓' : '✗'} ${name}: ${what}: ${measured} (promised: ${promise})`);
    if (!isKept) process.exitCode = 1;
  }
}
