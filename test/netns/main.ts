import { parseArgs } from 'node:util';
import { findBrokenPromises } from './broken-promises.ts';
import { whyNoNetHosts } from './net-host.ts';
import { NetnsSystem } from './netns-system.ts';
import { ALL_CASES, type NetworkCase } from './network-case.ts';
import { runCase } from './run-case.ts';

// npm run netns -- [--seconds N] [--only PART] [--parallel P]
//
// Builds whose network fails, each container a host of its own (network namespaces that lead nowhere). --seconds is how long
// an outage lasts at least; --only runs the cases whose name has this part, such as cut, running or awsvpc.
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    only: { type: 'string', default: '' },
    parallel: { type: 'string', default: '4' },
  },
});
const why = whyNoNetHosts();
if (why !== undefined) throw new Error(`no network namespaces here: ${why}`);
const cases = ALL_CASES.filter(({ name }) => name.includes(values.only));
if (cases.length === 0) {
  console.error(`No case has "${values.only}" in its name: ${ALL_CASES.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
let failed = 0;

async function report(system: NetnsSystem, one: NetworkCase): Promise<void> {
  try {
    const outcome = await runCase(system, one, Number(values.seconds) * 1_000);
    const broken = findBrokenPromises(one, outcome);
    const { exitStatus, cause, written, waits, recoveryMs, signals } = outcome;
    const facts = `${exitStatus} (${cause}), ${written.length} lines, ${signals.length} signals, waits: ${waits.map(({ sentence }) => sentence).join(', ') || 'none'}`;
    console.log(
      `${broken.length === 0 ? '✓' : '✗'} ${one.name}: ${facts}; over after ${(recoveryMs / 1_000).toFixed(1)} s`,
    );
    for (const promise of broken) console.log(`    ${promise}`);
    if (broken.length > 0) console.log(`    ${outcome.exitMessage}`);
    if (broken.length > 0) failed += 1;
  } catch (error) {
    failed += 1;
    console.log(`✗ ${one.name}: ${String(error)}`);
  }
}

const waiting = [...cases];
while (waiting.length > 0) {
  const batch = waiting.splice(0, Number(values.parallel));
  const system = await NetnsSystem.start(batch);
  try {
    await Promise.all(batch.map((one) => report(system, one)));
  } finally {
    await system.close();
  }
}
console.log(`${cases.length - failed} kept their promises, ${failed} did not`);
process.exitCode = failed === 0 ? 0 : 1;
