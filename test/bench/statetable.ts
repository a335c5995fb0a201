import { drawSvg } from '../../controlplane/statetable/draw-svg.ts';
import { lintTable } from '../../controlplane/statetable/lint-table.ts';
import { parseStateTable } from '../../controlplane/statetable/parse-table.ts';
import { simulateRandomly } from '../../controlplane/statetable/simulate-random.ts';
import { FINISH, type StateTable } from '../../controlplane/statetable/table.ts';
import { BUILD_STEPS_TABLE } from '../../controlplane/tasks/build/build-steps-table.ts';
import { judgeTimes, timeCall, timeCalls, type Measurement } from './measure.ts';

const MEGABYTE = 1_000_000;
const FULLY_LINKED_STATES = 5000;
const STEPS_PER_SECOND = 200_000;
const MEASURED_STEPS = 300_000;

/** Returns some 7,000 blocks like those of a real table, and comments. */
function largeTable(): string {
  const blocks: string[] = [];
  for (let length = 0, n = 0; length < MEGABYTE; n += 1) {
    const block = `# Step ${n}
state${n}:check${n} [user] {
  success        state${n + 1}
  wait           state${n} wait=30 exec=false
  fail           state${n} wait=10 max=3   # retried
  *              failure
  !              failure
}
`;
    blocks.push(block);
    length += block.length;
  }
  return blocks.join('');
}

/**
 * Returns a table in which each state leads to each state, and to finish: 25 million rows, as a value, because no
 * text holds them. All states share their rows: 25 million objects of their own would take 2 GB, and walking through
 * so much memory would be most of the measured time.
 */
function fullyLinkedTable(): StateTable {
  const place = { line: 1, column: 1 };
  const names = Array.from({ length: FULLY_LINKED_STATES }, (_, n) => `state${n}`);
  const transitions = [...names, FINISH].map((target) => {
    return { value: `to-${target}`, target, waitSeconds: 0, max: 0, exec: true, ...place };
  });
  const states = names.map((name) => ({ name, transitionMethod: 'check', timer: 'user', transitions, ...place }));
  return { startState: names[0]!, states, variables: {} };
}

/** Returns a text with a row for each pair of its states, as large as a text can be: 500 states, 250,000 rows. */
function fullyLinkedText(): string {
  const names = Array.from({ length: 500 }, (_, n) => `state${n}`);
  const rows = [...names, FINISH].map((target) => `  to-${target} ${target}\n`).join('');
  return names.map((name) => `${name}:check {\n${rows}}\n`).join('');
}

/** Measures random runs of BuildSteps, made like those of `wipctl table simulate`. */
function measureSimulation(): Measurement {
  const table = parseStateTable(BUILD_STEPS_TABLE);
  let steps = 0;
  const { processorMs, wallMs } = timeCall(() => {
    for (let seed = 0; steps < MEASURED_STEPS; seed += 1) {
      steps += simulateRandomly(table, { seed, maxSteps: 10_000 }).recording.length;
    }
  });
  const perSecond = Math.round((steps * 1000) / processorMs);
  const text = (count: number): string => Math.round(count).toLocaleString('en');
  return {
    what: 'steps of random runs of BuildSteps, one thread, cold start included',
    measured: `${text(perSecond)} a second (${text((steps * 1000) / wallMs)} by the clock)`,
    promise: `>= ${text(STEPS_PER_SECOND)} a second`,
    isKept: perSecond >= STEPS_PER_SECOND,
  };
}

async function measureDrawing(): Promise<Measurement> {
  const table = parseStateTable(BUILD_STEPS_TABLE);
  const startedMs = performance.now();
  await drawSvg(table);
  const wallMs = performance.now() - startedMs;
  // No figure is promised. A second is the time that people wait without wondering. Compiling uses other threads.
  const what = 'the picture of BuildSteps, loading Graphviz included';
  return judgeTimes(what, [{ wallMs, processorMs: wallMs }], 1000);
}

export async function benchStateTables(): Promise<Measurement[]> {
  const text = largeTable();
  const linkedTable = fullyLinkedTable();
  const linkedText = parseStateTable(fullyLinkedText());
  return [
    judgeTimes(
      `parsing ${text.length.toLocaleString('en')} characters`,
      timeCalls(15, () => parseStateTable(text)),
      100,
    ),
    measureSimulation(),
    judgeTimes(
      'linting 5,000 fully linked states (25 million rows)',
      timeCalls(5, () => lintTable(linkedTable)),
      1000,
    ),
    judgeTimes(
      'linting 500 fully linked states out of a text',
      timeCalls(5, () => lintTable(linkedText)),
      100,
    ),
    await measureDrawing(),
  ];
}
