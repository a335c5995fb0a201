import { describe, expect, it } from 'vitest';
import { createClosers } from '../../../controlplane/node/closers.ts';

function opened(failing: readonly string[]) {
  const closers = createClosers();
  const closed: string[] = [];
  for (const name of ['database', 'HTTP server', 'local ECS', 'engine']) {
    closers.add(name, async () => {
      closed.push(name);
      await Promise.resolve();
      if (failing.includes(name)) throw new Error(`no room for ${name}`);
    });
  }
  return { closers, closed };
}

const ALL = ['engine', 'local ECS', 'HTTP server', 'database'];

describe('a node whose disk is full when it is ended', () => {
  it.each([[[]], [['engine']], [['local ECS', 'database']], [ALL]])(
    'closes everything, the last first, although %j fail',
    async (failing) => {
      const { closers, closed } = opened(failing);
      const outcome = await closers.closeAll().catch((error: unknown) => error);
      expect(closed).toEqual(ALL);
      if (failing.length === 0) return expect(outcome).toBeUndefined();
      expect(outcome).toMatchObject({ code: 'STOP_INCOMPLETE' });
      for (const name of ALL) {
        expect((outcome as Error).message.includes(`${name}: no room for ${name}`), name).toBe(failing.includes(name));
      }
    },
  );

  it('also what throws at once, and nothing twice', async () => {
    const { closers, closed } = opened([]);
    closers.add('clusters', () => {
      throw new Error('at once');
    });
    await expect(closers.closeAll()).rejects.toThrow('clusters: at once');
    expect(closed).toEqual(ALL);
    await closers.closeAll();
    expect(closed).toEqual(ALL);
  });
});
