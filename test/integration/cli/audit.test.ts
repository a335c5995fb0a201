import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditPage } from '../../../controlplane/api/audit/audit-views.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = new CommandLine();
  await cli.listen('operator');
});
afterEach(() => cli.close());

describe('wipctl audit', () => {
  it('says who changed what, the newest first', async () => {
    expect((await cli.run('audit')).out).toBe('There are no such entries.\n');
    await cli.run('groups', 'a', '--max', '3');
    await cli.run('groups', 'nightly builds', '--max', '7');
    const { out, err } = await cli.run('audit');
    const [head, first, second] = out.split('\n');
    expect(head).toMatch(/^TIME +WHO +DID +TO +DETAIL$/);
    expect(first).toMatch(/^\d{4}-\S+Z +ann +set-limits +group\/nightly builds +-$/);
    expect(second).toContain('group/a ');
    expect(err).toBe('');
  });

  it('prints a page as JSON, and says how to see the next one', async () => {
    for (const name of ['a', 'b', 'c']) await cli.run('groups', name, '--max', '3');
    const { out, err } = await cli.run('audit', '--limit', '2');
    expect(out).toContain('group/c');
    expect(out).not.toContain('group/a');
    expect(err).toBe('There are older ones: see them with --cursor 2.\n');
    const page = AuditPage.parse(JSON.parse((await cli.run('audit', '--cursor', '2', '--json')).out));
    expect(page).toMatchObject({ entries: [{ subject: 'group/a' }], nextCursor: null });
  });

  it('asks for a time as people write it', async () => {
    await cli.run('audit', '--since', '2h', '--until', '2026-11-02', '--actor', 'ann', '--subject', 'task/7');
    const [asked] = cli.services.auditAsked;
    expect(asked).toMatchObject({ actor: 'ann', subject: 'task/7', until: new Date('2026-11-02T00:00:00Z') });
    expect(asked?.since).toBeInstanceOf(Date);
    for (const wrong of ['yesterday', '7', '2026-13-01', '2026-02-30', '2026-11-31T12:00:00Z', '5 days']) {
      const result = await cli.run('audit', '--since', wrong);
      expect(result).toMatchObject({ exitCode: 2, out: '' });
      expect(result.err).toContain(`"${wrong}" is neither a time nor an age`);
    }
  });

  it.each([
    ['--limit', '0'],
    ['--limit', '501'],
    ['--limit', 'many'],
    ['--cursor', 'x'],
    ['--cursor', '-1'],
  ])('takes %s %s for wrong usage', async (option, value) => {
    expect(await cli.run('audit', option, value)).toMatchObject({ exitCode: 2, out: '' });
    expect(cli.services.auditAsked).toEqual([]);
  });

  it('shows control characters in what people wrote as what they are', async () => {
    cli.services.audit.push({ by: 'eve\u001b[2J', action: 'pause', subject: 'group/\u0007x' });
    expect((await cli.run('audit')).out).toContain('eve\\x1b[2J  pause  group/\\x07x');
  });

  it('is refused below operator', async () => {
    cli.environment = { ...cli.environment, WIP_TOKEN: cli.services.giveToken({ name: 'bob', role: 'submitter' }) };
    const result = await cli.run('audit');
    expect([result.exitCode, result.out]).toEqual([4, '']);
    expect(result.err).toContain('[FORBIDDEN]');
  });

  it('has an example', async () => {
    expect((await cli.run('audit', '--help')).out).toContain('Examples:\n  $ wipctl audit');
  });
});
