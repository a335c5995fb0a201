import { describe, expect, it } from 'vitest';
import { makeRepository } from '../kit/builds/git-place.ts';
import { useDevSystem } from '../kit/programs/use-dev-system.ts';

const system = useDevSystem();

/** Yields the names of a stream's events until it ends. A stream that stays open fails the test by its time limit. */
async function* eventsOf(path: string, token: string): AsyncGenerator<string> {
  const answer = await fetch(`${system.dev.access.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok || !answer.body) throw new Error(`${path} answered ${answer.status}`);
  let text = '';
  for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (text + piece).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('event: ')) yield line.slice('event: '.length);
  }
}

async function rest(events: AsyncGenerator<string>): Promise<string[]> {
  const names: string[] = [];
  for await (const name of events) names.push(name);
  return names;
}

describe('a revoked token', () => {
  it('ends its open streams, of a task and of the list, while nothing happens', async () => {
    const { dev, place } = system;
    const sourceVcsUri = makeRepository(place.path('app'), { 'acquia-pipelines.yaml': 'version: 1.0.0\n' });
    // Nothing starts, so that no stream ends by itself.
    expect(await dev.wipctl('pause', '--all')).toMatchObject({ code: 0 });
    const { id } = await dev.client.addTask({ kind: 'BuildSteps', options: { sourceVcsUri, vcsPath: 'main' } });
    const made = (await dev.json('tokens', 'create', 'vera', '--role', 'viewer')) as { id: number; token: string };
    const list = eventsOf('/v1/stream', made.token);
    const task = eventsOf(`/v1/tasks/${id}/stream`, made.token);
    expect((await list.next()).value).toBe('checked');
    expect((await task.next()).value).toBe('task');
    expect(await dev.wipctl('tokens', 'revoke', String(made.id))).toMatchObject({ code: 0 });
    const [ofList, ofTask] = await Promise.all([rest(list), rest(task)]);
    expect(ofTask).not.toContain('end');
    // Nothing but the sign of life, once a second, that came before the revocation was seen.
    expect(ofList.every((name) => name === 'checked')).toBe(true);
  });
});
