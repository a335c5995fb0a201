import { describe, expect, it } from 'vitest';
import type { ExitStatus } from '../../../shared/model/status.ts';
import { statusOfCommit, type CommitStatusOptions } from '../../../controlplane/tasks/pipeline/commit-status.ts';
import type { StatusReport } from '../../../controlplane/tasks/context.ts';

const COMMIT = 'c0ffee'.padEnd(40, '0');
const UUID = '00000000-0000-4000-8000-000000000001';
const OPTIONS: CommitStatusOptions = {
  commitStatusService: 'github',
  commitStatusEndpoint: 'https://api.github.example/',
  commitStatusRepository: 'acme/app',
  commitStatusCommit: COMMIT,
  commitStatusContext: 'wip',
  commitStatusDashboard: 'https://wip.example/',
};
const GITLAB: CommitStatusOptions = {
  ...OPTIONS,
  commitStatusService: 'gitlab',
  commitStatusEndpoint: 'https://gitlab.example/api/v4',
  commitStatusRepository: 'acme/tools/app',
};

function during(status: 'queued' | 'running' | 'paused'): StatusReport {
  return { status, startedAt: null, end: null };
}

function ended(status: ExitStatus, message = 'As it was told.'): StatusReport {
  const at = new Date(0);
  return { status: 'ended', startedAt: at, end: { at, exit: { status, message } } };
}

function told(options: CommitStatusOptions, report: StatusReport, token: unknown = 'secret-token') {
  const request = statusOfCommit(options, UUID, report, (name) => (name === 'commitStatusToken' ? token : undefined));
  return request && { ...request, body: JSON.parse(request.body ?? '') as Record<string, unknown> };
}

describe('the status of a commit', () => {
  it('is told to GitHub as its API has it', () => {
    expect(told(OPTIONS, during('queued'))).toMatchObject({
      method: 'POST',
      url: `https://api.github.example/repos/acme/app/statuses/${COMMIT}`,
      headers: { authorization: 'Bearer secret-token', 'user-agent': 'wip' },
      order: 'commit status',
      body: {
        state: 'pending',
        context: 'wip',
        description: 'The build is queued.',
        target_url: `https://wip.example/tasks/${UUID}`,
      },
    });
  });

  it('is told to GitLab as its API has it', () => {
    expect(told(GITLAB, during('running'))).toMatchObject({
      method: 'POST',
      url: `https://gitlab.example/api/v4/projects/acme%2Ftools%2Fapp/statuses/${COMMIT}`,
      headers: { 'private-token': 'secret-token' },
      body: { state: 'running', context: 'wip' },
    });
  });

  it.each<[ExitStatus, string, string]>([
    ['COMPLETED', 'success', 'success'],
    ['WARNING', 'success', 'success'],
    ['ERROR_USER', 'failure', 'failed'],
    ['ERROR_SYSTEM', 'error', 'failed'],
    ['TERMINATED', 'error', 'canceled'],
  ])('ends with the word of the service: %s is %s at GitHub and %s at GitLab', (status, github, gitlab) => {
    expect(told(OPTIONS, ended(status))?.body).toMatchObject({ state: github, description: 'As it was told.' });
    expect(told(GITLAB, ended(status))?.body).toMatchObject({ state: gitlab });
  });

  it('says nothing of a pause to GitLab, which refuses to go back', () => {
    expect(told(GITLAB, during('paused'))).toBeNull();
    expect(told(OPTIONS, during('paused'))?.body).toMatchObject({
      state: 'pending',
      description: 'The build is paused.',
    });
  });

  it('cuts a long sentence where GitHub would refuse it', () => {
    const description = String(told(OPTIONS, ended('ERROR_USER', '😀'.repeat(200)))?.body['description']);
    expect([...description]).toHaveLength(140);
    expect(description.endsWith('…')).toBe(true);
  });

  it.each([['commitStatusService'], ['commitStatusEndpoint'], ['commitStatusRepository'], ['commitStatusCommit']])(
    'is told to nobody without %s',
    (name) => {
      expect(told({ ...OPTIONS, [name]: undefined }, during('queued'))).toBeNull();
    },
  );

  it('is told to nobody without a token', () => {
    expect(told(OPTIONS, during('queued'), 7)).toBeNull();
  });
});
