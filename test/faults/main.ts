import { parseArgs } from 'node:util';
import { TooSlow } from './ask-again.ts';
import { startFaultBase } from './fault-base.ts';
import { killEverywhere } from './kill-everywhere.ts';
import { runSchedule } from './run-schedule.ts';
import { planSchedule, SIZES } from './schedule.ts';

// npm run faults -- [--runs N] [--seed S] [--replay SEED] [--parallel P] [--speed X] [--nodes processes|in-process] [--size full|brief]
//
// npm run faults -- --everywhere        one build after the other, killed once at every failpoint of every state
//
// Seeds S, S+1, … are run; each is a schedule of its own. One that breaks a promise is printed with what it broke.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    seed: { type: 'string' },
    replay: { type: 'string' },
    parallel: { type: 'string' },
    nodes: { type: 'string', default: 'processes' },
    everywhere: { type: 'boolean', default: false },
    speed: { type: 'string', default: '10' },
    size: { type: 'string', default: 'full' },
  },
});

const first = Number(values.replay ?? values.seed ?? Math.floor(Math.random() * 1_000_000));
const runs = values.replay === undefined ? Number(values.runs) : 1;
const size = values.size === 'brief' ? 'brief' : 'full';
const nodes = values.nodes === 'in-process' ? 'in-process' : 'processes';
/** From sysexits.h: no fault is known; try again when the machine is less busy. */
const EX_TEMPFAIL = 75;
// The number that two cores carry, so that their slowness does not decide the test.
const parallel = Math.min(runs, Number(values.parallel ?? (nodes === 'processes' ? 2 : 8)));
const databases = await startFaultBase({ speed: Number(values.speed), nodes, parallel });
// An interrupt ends the run like its normal end: nodes and database are stopped, and the findings are printed.
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isInterrupted = true));
const failed: number[] = [];
/** Seeds without a verdict: the machine did not keep up. */
const slow: number[] = [];
const startedMs = performance.now();
let next = 0;
let finished = 0;
let kills = 0;

async function runSome(): Promise<void> {
  while (next < runs && !isInterrupted) {
    const seed = first + next;
    next += 1;
    const schedule = planSchedule(seed, SIZES[size]);
    if (values.replay !== undefined) console.log(JSON.stringify(schedule, null, 2));
    const beganMs = performance.now();
    try {
      const result = await runSchedule(databases, schedule);
      kills += result.kills;
      const took = ((performance.now() - beganMs) / 1_000).toFixed(1);
      const { violations, ...rest } = result;
      console.log(`${violations.length === 0 ? '✓' : '✗'} seed ${seed} ${took} s ${JSON.stringify(rest)}`);
      if (violations.length > 0) failed.push(seed);
      for (const { rule, detail } of violations) console.log(`    ${rule}: ${detail}`);
    } catch (error) {
      if (error instanceof TooSlow) {
        slow.push(seed);
        console.log(`~ seed ${seed} was too slow to say anything: ${error.message}`);
        continue;
      }
      failed.push(seed);
      console.log(`✗ seed ${seed} broke the harness:`, error);
    }
    finished += 1;
  }
}

try {
  if (values.everywhere) {
    const { points, builds, violations, failed: lost } = await killEverywhere(databases, { everyState: true });
    console.log(`${points.length} nodes killed in ${builds} builds, each at another point:\n  ${points.join('\n  ')}`);
    for (const { rule, detail } of violations) console.log(`✗ ${rule}: ${detail}`);
    for (const task of lost) console.log(`✗ ${task}`);
    if (violations.length + lost.length > 0) process.exitCode = 1;
  } else {
    await Promise.all(Array.from({ length: parallel }, runSome));
  }
} finally {
  await databases.close();
}
if (!values.everywhere) summarise();

function summarise(): void {
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  console.log(
    `\n${finished} schedules in ${seconds} s, ${kills} nodes ended, ${failed.length} schedules broke a promise, ${slow.length} were too slow to say anything`,
  );
  for (const seed of [...failed, ...slow])
    console.log(`  npm run faults -- --replay ${seed} --speed ${values.speed} --nodes ${nodes} --size ${size}`);
  process.exitCode = failed.length > 0 ? 1 : slow.length > 0 ? EX_TEMPFAIL : 0;
}
