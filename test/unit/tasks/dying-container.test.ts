import { describe, expect, it } from 'vitest';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { parseOptions } from '../../../controlplane/tasks/wip-class.ts';
import { ContainerWip } from '../../../controlplane/tasks/container/container-wip.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { walkFrom, type Death } from './dying-container.ts';

const OPTIONS: Readonly<Record<string, object>> = {
  BuildSteps: { vcsPath: 'main', vcsUri: 'https://example.org/app.git' },
};
const DEATHS: readonly Death[] = ['before it is entered', 'before its first answer', 'while it waits'];
const WHY = /The container ended by itself with exit code 1/;

const containerWips = SHIPPED_KINDS.flatMap((kind) => {
  const options = OPTIONS[kind.kind] ?? {};
  const wip = kind.create({ uuid: 'u', options: parseOptions(kind, options) });
  return wip instanceof ContainerWip ? [{ kind, options, wip, name: kind.kind }] : [];
});

// The states are those of the tables themselves: a new one is covered without a word here.
describe.each(containerWips)('a container that dies in $name', ({ kind, options, wip }) => {
  const { states } = parseStateTable(wip.getStateTable());
  const rowsOf = new Map(states.map(({ name, transitions }) => [name, transitions]));
  const tellsOfTheEnd = (state: string | null): boolean =>
    rowsOf.get(state ?? '')?.some(({ value, target }) => value === 'terminated' && target === 'containerTerminated') ??
    false;

  const cases = states.flatMap(({ name }) => DEATHS.map((death) => [name, death] as const));
  it.each(cases)('in the state %s, %s, ends the task as it must', async (state, death) => {
    const dead = await walkFrom(kind, options, state, death);
    const told = WHY.test(dead.exit.message);
    const entered = dead.steps.map(({ to }) => to);
    if (told) {
      expect(dead.exit.status).toBe('ERROR_SYSTEM');
      expect(entered).toEqual(expect.arrayContaining(['containerTerminated', 'containerWipStop']));
    } else {
      // The outcome was decided before the death, which then changes nothing.
      expect(dead.exit).toEqual((await walkFrom(kind, options, state, 'never')).exit);
    }
    // The end of a container that the task replaces is nothing that it tells of.
    expect(told || dead.isReplaced || !tellsOfTheEnd(dead.diedIn)).toBe(true);
    expect(entered.at(-1)).toBe('finish');
  });

  it.each(states.map(({ name }) => name).filter(tellsOfTheEnd))(
    'in the state %s leaves it by its row `terminated` at once',
    async (state) => {
      const { steps, isReplaced } = await walkFrom(kind, options, state, 'before it is entered');
      const told = steps.find(({ to }) => to === 'containerTerminated');
      // A state that launches has a new container.
      if (isReplaced) return expect([told, state]).toEqual([undefined, 'containerWipInvoke']);
      // The address is known already, so that the state after it asks for the container.
      const from = state === 'containerWipSetupEnvironment' ? 'containerWipCheckSsh' : state;
      expect(told).toMatchObject({ from, value: 'terminated', atSeconds: steps[0]!.atSeconds });
    },
  );
});
