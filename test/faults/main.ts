import { parseArgs } from 'node:util';
import { startFaultBase } from './fault-base.ts';
import { killContainers } from './kill-containers.ts';
import { killEverywhere } from './kill-everywhere.ts';
import { runSchedules, type ScheduleOutcome } from './run-schedules.ts';
import { planSchedule, SIZES } from './schedule.ts';
import { sizeInSuite, SUITE, SUITE_PARALLEL, SUITE_SPEED } from './suite.ts';

// npm run faults -- [--runs N] [--seed S] [--replay SEED] [--parallel P] [--speed X] [--nodes processes|in-process] [--size full|brief]
//
// npm run faults -- --suite             the 200 schedules of which npm test runs 60, at the same speed, as many at once
// npm run faults -- --everywhere        one build after the other, killed once at every failpoint of every state
// npm run faults -- --containers        the same with the containers of the builds in place of the nodes
//
// Seeds S, S+1, … are run; each is a schedule of its own. One that breaks a promise is printed with what it broke.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    seed: { type: 'string' },
    replay: { type: 'string' },
    parallel: { type: 'string' },
    nodes: { type: 'string', default: 'processes' },
    suite: { type: 'boolean', default: false },
    everywhere: { type: 'boolean', default: false },
    containers: { type: 'boolean', default: false },
    speed: { type: 'string', default: String(SUITE_SPEED) },
    size: { type: 'string', default: 'full' },
  },
});

const first = Number(values.replay ?? values.seed ?? Math.floor(Math.random() * 1_000_000));
const runs = values.replay === undefined ? Number(values.runs) : 1;
const size = values.size === 'brief' ? 'brief' : 'full';
const nodes = values.suite || values.containers || values.nodes === 'in-process' ? 'in-process' : 'processes';
const speed = values.suite ? SUITE_SPEED : Number(values.speed);
/** Of sysexits.h: nothing is wrong as far as is known; try again when the machine is less busy. */
const EX_TEMPFAIL = 75;
const schedules = values.suite
  ? SUITE
  : Array.from({ length: runs }, (_, index) => planSchedule(first + index, SIZES[size]));
// What two cores carry without their slowness being what is tested.
const carried = nodes === 'processes' ? 2 : 8;
const parallel = values.suite ? SUITE_PARALLEL : Math.min(runs, Number(values.parallel ?? carried));
const databases = await startFaultBase({ speed, nodes, parallel });
// Ends in the middle like at the end: nodes and database go, and what has been found is printed.
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
const failed: number[] = [];
/** Seeds without a verdict: the machine did not keep up. */
const slow: number[] = [];
const startedMs = performance.now();
let finished = 0;
let kills = 0;

function report({ schedule: { seed }, seconds, end }: ScheduleOutcome): void {
  if (end.kind === 'too-slow') {
    slow.push(seed);
    return console.log(`~ seed ${seed} was too slow to say anything: ${end.why}`);
  }
  finished += 1;
  if (end.kind === 'harness-broke') {
    failed.push(seed);
    return console.log(`✗ seed ${seed} broke the harness:`, end.error);
  }
  const { violations, ...rest } = end.result;
  kills += rest.kills;
  console.log(`${violations.length === 0 ? '✓' : '✗'} seed ${seed} ${seconds.toFixed(1)} s ${JSON.stringify(rest)}`);
  if (violations.length > 0) failed.push(seed);
  for (const { rule, detail } of violations) console.log(`    ${rule}: ${detail}`);
}

try {
  if (values.containers) {
    await killAllContainers();
  } else if (values.everywhere) {
    const { points, builds, violations, failed: lost } = await killEverywhere(databases, { everyState: true });
    console.log(`${points.length} nodes killed in ${builds} builds, each at another point:\n  ${points.join('\n  ')}`);
    for (const { rule, detail } of violations) console.log(`✗ ${rule}: ${detail}`);
    for (const task of lost) console.log(`✗ ${task}`);
    if (violations.length + lost.length > 0) process.exitCode = 1;
  } else {
    await runSchedules(databases, schedules, {
      parallel,
      abort: interrupted.signal,
      onBegin: (schedule) => {
        if (values.replay !== undefined) console.log(JSON.stringify(schedule, null, 2));
      },
      onOutcome: report,
    });
  }
} finally {
  await databases.close();
}
if (!values.everywhere && !values.containers) summarise();

async function killAllContainers(): Promise<void> {
  for (const death of ['killed', 'limit-disk'] as const) {
    const { killed, wrong, violations } = await killContainers(databases, { death, at: 'points' });
    for (const { way, point, seconds, end } of killed) console.log(`${way} ${point}: ${seconds} s later ${end}`);
    console.log(`${killed.length} containers ${death}`);
    for (const end of wrong) console.log(`✗ ${end}`);
    for (const { rule, detail } of violations) console.log(`✗ ${rule}: ${detail}`);
    if (wrong.length + violations.length > 0) process.exitCode = 1;
  }
}

function summarise(): void {
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  console.log(
    `\n${finished} schedules in ${seconds} s, ${kills} nodes ended, ${failed.length} schedules broke a promise, ${slow.length} were too slow to say anything`,
  );
  for (const seed of [...failed, ...slow]) {
    const sizeOfSeed = values.suite ? sizeInSuite(seed) : size;
    console.log(`  npm run faults -- --replay ${seed} --speed ${speed} --nodes ${nodes} --size ${sizeOfSeed}`);
  }
  process.exitCode = failed.length > 0 ? 1 : slow.length > 0 ? EX_TEMPFAIL : 0;
}
