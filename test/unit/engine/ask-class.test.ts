import { describe, expect, it } from 'vitest';
import { askForLaunch, askForTitle } from '../../../controlplane/engine/ask-class.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import { NO_TASK } from '../../../controlplane/tasks/checks/no-task.ts';
import { carelessKind } from '../../kit/kinds/careless-wip.ts';
import { simulateScript } from '../../testkit/simulate-task.ts';

const KNOWN = { kind: 'Sized', group: 'Sized', clusters: [], containerSize: {} };

describe('what a class says of its containers', () => {
  it('is taken as it is', () => {
    const said = { ...KNOWN, clusters: ['a'], containerSize: { cpu: 256, memoryMib: undefined } };
    expect(askForLaunch(said)).toEqual(said);
  });

  it.each<[string, () => object, string]>([
    [
      'a size that is a promise',
      () => ({ containerSize: Promise.reject(new Error('x')) }),
      'containerSize is a promise, and',
    ],
    ['clusters that are a promise', () => ({ clusters: Promise.reject(new Error('x')) }), 'clusters is a promise, and'],
    ['a cluster that is a promise', () => ({ clusters: [Promise.resolve('a')] }), 'clusters.0 is a promise, and'],
    [
      'a cpu that is a promise',
      () => ({ containerSize: { cpu: Promise.reject(new Error('x')) } }),
      'containerSize.cpu is a',
    ],
    ['a size of another class', () => ({ containerSize: new Map() }), 'containerSize is a Map'],
    ['a cpu that is text', () => ({ containerSize: { cpu: '256' } }), 'containerSize.cpu must be a number'],
    ['a misspelt size', () => ({ containerSize: { memory: 512 } }), 'containerSize.memory is not known'],
    ['a function', () => ({ clusters: () => ['a'] }), 'clusters must be a list'],
  ])('is refused for %s', (_what, said, message) => {
    expect(() => askForLaunch({ ...KNOWN, ...said() })).toThrow(message);
  });

  it('is told as an error of the class when it fails', () => {
    const failing = Object.defineProperty({ ...KNOWN }, 'clusters', {
      get: () => {
        throw new Error('no list of clusters');
      },
    });
    expect(() => askForLaunch(failing)).toThrow(
      'The class of Sized failed with these options (clusters and containerSize): no list of clusters. Correct the class',
    );
  });

  it('has the title that it was added with when the class says none any more', () => {
    const title = Promise.reject(new Error('the service of titles is away'));
    expect(askForTitle({ kind: 'Sized', title } as never, 'as it was')).toBe('as it was');
    expect(askForTitle({ kind: 'Sized', title: 'as it is' }, 'as it was')).toBe('as it is');
  });

  it('is refused when a task is added, simulated ones too', async () => {
    class Unsized extends BasicWip {
      override get containerSize(): never {
        return { cpu: this.task.uuid === NO_TASK.uuid ? 1 : -1 } as never;
      }
    }
    const kind = { ...carelessKind(() => undefined), kind: 'BasicWip', create: (task: never) => new Unsized(task) };
    await expect(simulateScript(kind, {})).rejects.toThrow('containerSize.cpu must be more than 0');
  });
});

describe('a class whose members are getters that fail', () => {
  const failing = (member: string) => {
    const kind = carelessKind(() => undefined);
    return {
      ...kind,
      create: (task: never) => {
        const wip = kind.create(task);
        return Object.defineProperty(wip, member, {
          get: () => {
            if (wip.task.uuid === NO_TASK.uuid) return () => undefined;
            throw new Error(`no ${member} today`);
          },
        });
      },
    };
  };

  it('is refused for one in the place of a state', async () => {
    await expect(simulateScript(failing('work'), {})).rejects.toThrow(
      'The class has a "work" already that is no state',
    );
  });

  it('has the error of a hook in its log', async () => {
    const run = await simulateScript(failing('onStart'), {});
    expect(run.logs.map(({ message }) => message)).toContain('The hook onStart failed: no onStart today');
  });
});
