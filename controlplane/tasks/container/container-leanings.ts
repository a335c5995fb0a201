import { parseStateTable } from '../../statetable/parse-table.ts';
import type { ContainerWip } from './container-wip.ts';

// Without a leaning two of three random runs end in the block that launches the container, and those of a build hardly
// ever reach its script (32 of 20,000, measured 2026-11-21). The ratios are ours: they bring a run in two to the author's
// states, and leave each row of these enough runs.
const BLOCK_LEANING = 0.95;
const OWN_LEANING = 0.5;

/** The states of a task that runs in a container: those of the blocks that every such task has, and its own. */
export interface ContainerLeanings {
  /** For simulateMany. */
  readonly leanings: ReadonlyMap<string, number>;
  readonly own: ReadonlySet<string>;
}

/** Returns how a random run of the task should lean, so that it shows the author's states and not only the blocks'. */
export function containerLeanings(wip: ContainerWip): ContainerLeanings {
  const blocks = new Set(
    [wip.getContainerStartTable('finish', 'finish'), wip.getContainerStopTable('finish', 'finish')].flatMap((text) =>
      parseStateTable(text).states.map(({ name }) => name),
    ),
  );
  const names = parseStateTable(wip.getStateTable()).states.map(({ name }) => name);
  const leanings = new Map(names.map((name) => [name, blocks.has(name) ? BLOCK_LEANING : OWN_LEANING]));
  return { leanings, own: new Set(names.filter((name) => !blocks.has(name))) };
}
