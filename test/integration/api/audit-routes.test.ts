import { describe, expect, it } from 'vitest';
import { AuditPage } from '../../../controlplane/api/audit/audit-views.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();

async function changeGroups(names: readonly string[]): Promise<void> {
  for (const name of names) await http.call('operator', `PUT /v1/groups/${name}`, { maxRunning: 1 });
}

describe('GET /v1/audit', () => {
  it('says to operators who changed what, the newest first', async () => {
    await changeGroups(['a', 'b']);
    const answer = await http.call('operator', 'GET /v1/audit');
    expect(answer.statusCode).toBe(200);
    const { entries, nextCursor } = AuditPage.parse(answer.json());
    expect(entries.map(({ actor, action, subject }) => [actor, action, subject])).toEqual([
      ['operator', 'set-limits', 'group/b'],
      ['operator', 'set-limits', 'group/a'],
    ]);
    expect(nextCursor).toBeNull();
  });

  it.each(['viewer', 'submitter'] as const)('says nothing to a %s', async (role) => {
    expect(await http.refusal(role, 'GET /v1/audit')).toEqual([403, 'FORBIDDEN']);
  });

  it('pages without losing one', async () => {
    await changeGroups(['a', 'b', 'c', 'd', 'e']);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const route: string = `GET /v1/audit?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: AuditPage = AuditPage.parse((await http.call('operator', route)).json());
      seen.push(...page.entries.map(({ subject }) => subject));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a'].map((name) => `group/${name}`));
  });

  it('hands the filters on', async () => {
    const since = encodeURIComponent('2026-11-01T00:00:00+01:00');
    await http.call('operator', `GET /v1/audit?actor=ann&action=pause&subject=task%2F7&since=${since}`);
    expect(http.services.auditAsked).toEqual([
      { actor: 'ann', action: 'pause', subject: 'task/7', since: new Date('2026-10-31T23:00:00Z'), limit: 51 },
    ]);
  });

  it.each([
    'since=yesterday',
    'since=0000-01-01T00:00:00Z',
    'until=2026-11-01',
    'limit=501',
    'limit=0',
    'cursor=x',
    'colour=red',
    'actor=',
  ])('refuses %s by name', async (query) => {
    const answer = await http.call('operator', `GET /v1/audit?${query}`);
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ message: string }>().message).toContain(query.split('=')[0]);
  });
});
