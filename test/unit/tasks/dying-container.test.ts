import { describe, expect, it } from 'vitest';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { parseOptions } from '../../../controlplane/tasks/basic-wip.ts';
import { ContainerWip } from '../../../controlplane/tasks/container-wip.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { walkFrom, type Death } from './dying-container.ts';

const OPTIONS: Readonly<Record<string, object>> = { BuildSteps: { vcsPath: 'main', vcsUri: 'file:///app' } };
const DEATHS: readonly Death[] = ['before it is entered', 'before its first answer', 'while it waits'];
const WHY = /The container was killed \(exit code 137\)/;

const containerWips = SHIPPED_KINDS.flatMap((kind) => {
  const wip = kind.create({ uuid: 'u', options: parseOptions(kind, OPTIONS[kind.kind] ?? {}) });
  return wip instanceof ContainerWip ? [wip] : [];
});

// The states are those of the tables themselves: a new one is covered without a word here.
describe.each(containerWips)('a container that dies in $kind', (wip) => {
  const { states } = parseStateTable(wip.getStateTable());
  const rowsOf = new Map(states.map(({ name, transitions }) => [name, transitions]));
  const tellsOfTheEnd = (state: string | null): boolean =>
    rowsOf.get(state ?? '')?.some(({ value, target }) => value === 'terminated' && target === 'containerTerminated') ??
    false;

  const cases = states.flatMap(({ name }) => DEATHS.map((death) => [name, death] as const));
  it.each(cases)('in the state %s, %s, ends the task as it must', async (state, death) => {
    const dead = await walkFrom(wip, state, death);
    const told = WHY.test(dead.exit.message);
    if (told) {
      expect(dead.exit.status).toBe('ERROR_SYSTEM');
      expect(dead.entered).toEqual(expect.arrayContaining(['containerTerminated', 'containerWipStop']));
    } else {
      // The outcome was decided before the death, which then changes nothing.
      expect(dead.exit).toEqual((await walkFrom(wip, state, 'never')).exit);
    }
    expect(told || !tellsOfTheEnd(dead.diedIn)).toBe(true);
    expect(dead.entered.at(-1)).toBe('finish');
  });

  it.each(states.map(({ name }) => name).filter(tellsOfTheEnd))(
    'in the state %s leaves it by its row `terminated` at once',
    async (state) => {
      const { entered, answers } = await walkFrom(wip, state, 'before it is entered');
      expect([entered[1], answers[0]]).toEqual(['containerTerminated', 'terminated']);
    },
  );
});
