import { measureList, PAGES } from './ended-tasks.ts';
import { ENDED_TASKS, withInterfaceNode } from './interface-node.ts';
import type { Measurement } from './measure.ts';

/** Measures the answer with a page of the list, anywhere in it. */
export function benchList(): Promise<Measurement[]> {
  return withInterfaceNode(async ({ url, token }) => {
    const lists: Measurement[] = [];
    for (const limit of PAGES) lists.push(await measureList({ url, token, limit, tasks: ENDED_TASKS }));
    return lists;
  });
}
