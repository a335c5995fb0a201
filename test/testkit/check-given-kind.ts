import type { WipClass } from '../../controlplane/tasks/wip-class.ts';
import { checkKind } from '../../controlplane/tasks/checks/check-kind.ts';
import { isDefined, isTaskClass } from '../../controlplane/tasks/checks/find-classes.ts';
import { SHIPPED_KINDS } from '../../controlplane/tasks/kinds.ts';
import { shown } from '../../shared/text/shown-value.ts';
import { TestkitError } from './testkit-error.ts';

// The default of a node: the linter compares waits of a table with the longest life of a task.
const MAX_RUN_SECONDS = 86_400;

/** A check takes as long as a whole simulated task, and most tests run a kind many times. */
const checked = new WeakSet<object>(SHIPPED_KINDS);

/** Throws KIND_INVALID for a kind that no node takes, in the words of the node, and TestkitError for what is no kind at all. */
export function checkGivenKind(kind: unknown): asserts kind is WipClass {
  if (!isDefined(kind)) {
    const what = isTaskClass(kind) ? `the class ${kind.name}` : shown(kind);
    throw new TestkitError(`The kind of task is ${what}: give what defineWip returns for its class`);
  }
  if (checked.has(kind)) return;
  checkKind(kind, { file: null, maxRunSeconds: MAX_RUN_SECONDS });
  checked.add(kind);
}

/** Checks kinds that are given beside the shipped ones. Throws for two of one name, as a node does. */
export function checkGivenKinds(kinds: readonly unknown[]): readonly WipClass[] {
  const found: WipClass[] = [...SHIPPED_KINDS];
  for (const kind of kinds) {
    checkGivenKind(kind);
    const earlier = found.find((one) => one.kind === kind.kind);
    if (earlier && earlier !== kind) {
      const other = SHIPPED_KINDS.includes(earlier) ? 'one that is shipped' : 'another one';
      throw new TestkitError(
        `kinds: "${kind.kind}" is the name of ${other}: tasks are stored and added under that name`,
      );
    }
    found.push(kind);
  }
  return found.slice(SHIPPED_KINDS.length);
}
