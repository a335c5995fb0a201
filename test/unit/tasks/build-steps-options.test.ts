import { describe, expect, it } from 'vitest';
import { decideBuildPlan } from '../../../controlplane/tasks/build/build-steps-options.ts';
import { parseOptions } from '../../../controlplane/tasks/wip-class.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { parseRepositoryHosts } from '../../../shared/repository/repository-hosts.ts';
import { createSealer } from '../../../shared/keys/sealing.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { prepareTask } from '../../../controlplane/engine/prepare-task.ts';
import { buildSteps as build } from '../../kit/builds/build-steps-task.ts';
import { TEST_SETTINGS } from '../../kit/engine.ts';

describe('options of BuildSteps', () => {
  const kind = SHIPPED_KINDS.find(({ kind }) => kind === 'BuildSteps')!;

  it.each([
    [{}, /vcsPath/],
    [{ vcsPath: '--upload-pack=evil' }, /branch or tag/],
    [{ vcsPath: 'a..b', vcsUri: 'x' }, /vcsPath must be the name of a branch or tag/],
    [{ vcsPath: 'main.lock', vcsUri: 'x' }, /vcsPath must be the name of a branch or tag/],
    [{ vcsPath: 'a//b', vcsUri: 'x' }, /vcsPath must be the name of a branch or tag/],
    [{ vcsPath: 'main', sourceVcsUri: '--evil' }, /repository address/],
    [{ vcsPath: 'main', colour: 'red' }, /colour/],
    [{ vcsPath: 'main', containerMaxDisk: -1 }, /containerMaxDisk/],
    [{ vcsPath: 'main', environmentVariables: { '1A': 'x' } }, /environmentVariables/],
    [{ vcsPath: 'main' }, /sourceVcsUri is missing, and so is vcsUri: set one of them/],
    [{ vcsPath: 'main', deployVcsUri: 'x' }, /sourceVcsUri is missing/],
    [{ vcsPath: 'main', vcsUri: 'x', deployVcsPath: 'a..b' }, /deployVcsPath must be the name of a branch/],
    [{ vcsPath: 'main', vcsUri: 'x', deployVcsPath: 'refs/pull/7/head' }, /deployVcsPath must be the name of a branch/],
    [{ vcsPath: 'main', vcsUri: 'x', mergeRef: 'refs/pull/7 merge' }, /mergeRef must be the name of a ref/],
    [{ vcsPath: 'main', vcsUri: 'x', mergeRef: '--upload-pack=evil' }, /mergeRef must be the name of a ref/],
    [{ vcsPath: 'main', vcsUri: 'x', vcsCommit: 'abc1234' }, /vcsCommit must be the full name of a commit/],
    [
      { vcsPath: 'main', vcsUri: 'x', vcsCommit: 'a'.repeat(40), mergeRef: 'refs/pull/7/merge' },
      /vcsCommit cannot be combined with mergeRef/,
    ],
    [
      { vcsPath: 'main', vcsUri: 'x', commitStatusService: 'github' },
      /commitStatusToken is missing: the status of a commit needs it/,
    ],
    [{ vcsPath: 'main', vcsUri: 'x', commitAuthor: 'Jane' }, /commitAuthor must be written "Name <address>"/],
    [{ vcsPath: 'main', vcsUri: 'x', environmentVariables: { WIP_X: 'x' } }, /environmentVariables\.WIP_X is reserved/],
    [
      { vcsPath: 'main', vcsUri: 'x', environmentVariables: { PIPELINES_EVENT: 'biuld' } },
      /PIPELINES_EVENT must be one/,
    ],
  ])('%j is refused by name', (options, message) => {
    expect(() => parseOptions(kind, options)).toThrow(message);
  });

  it('takes a commit in capitals, as git does, and has it in small letters', () => {
    const status = {
      commitStatusService: 'github',
      commitStatusEndpoint: 'https://api.github.com',
      commitStatusToken: 't',
    };
    const given = {
      ...status,
      commitStatusRepository: 'a/b',
      commitStatusCommit: 'AB'.repeat(32),
      vcsCommit: 'ABCDEF1234'.repeat(4),
    };
    expect(parseOptions(kind, { vcsPath: 'main', vcsUri: 'x', ...given })).toMatchObject({
      commitStatusCommit: 'ab'.repeat(32),
      vcsCommit: 'abcdef1234'.repeat(4),
    });
  });

  it.each(['/home/me/my app', 'file:///srv/my app', 'git@example.org:my app.git', '/srv/a', 'C'])(
    'a repository whose path has blanks is taken: %j',
    (sourceVcsUri) => {
      expect(build({ sourceVcsUri }).options.sourceVcsUri).toBe(sourceVcsUri);
    },
  );

  it.each([' /srv/a', '/srv/a ', '-u /srv/a', '/srv/a\nb', '/srv/a\u0000', '/srv/a\u2028b', ' ', ''])(
    'an address that is none is refused by name: %j',
    (sourceVcsUri) => {
      expect(() => parseOptions(kind, { vcsPath: 'main', sourceVcsUri })).toThrow(/sourceVcsUri/);
    },
  );

  it.each(['vcsUri', 'sourceVcsUri', 'deployVcsUri'])('%s may not be link-local when a task is added', (name) => {
    const add = (address: string, rules = ''): unknown =>
      prepareTask(
        {
          kinds: new Map([[kind.kind, kind]]),
          sealer: createSealer(new Secret(Buffer.alloc(32))),
          maxRunSeconds: 60,
          settings: { ...TEST_SETTINGS, repositoryHosts: parseRepositoryHosts(rules) },
        },
        { kind: 'BuildSteps', options: { vcsPath: 'main', sourceVcsUri: 'git@example.org:app.git', [name]: address } },
      );
    expect(() => add('http://169.254.169.254/latest')).toThrow(
      `The option ${name} of a BuildSteps task is refused: 169.254.169.254 belongs to the machine`,
    );
    expect(() => add('/srv/app')).toThrow(/it is a path/);
    expect(add('/srv/app', 'local')).toMatchObject({ kind: 'BuildSteps' });
    expect(add('git@example.org:app.git')).toMatchObject({ kind: 'BuildSteps' });
  });

  it('its pipeline may not be at an address of the machine, or where outgoing_hosts does not allow it', () => {
    const add = (pipelineEndpoint: string, rules = ''): unknown =>
      prepareTask(
        {
          kinds: new Map([[kind.kind, kind]]),
          sealer: createSealer(new Secret(Buffer.alloc(32))),
          maxRunSeconds: 60,
          settings: { ...TEST_SETTINGS, outgoingHosts: parseRepositoryHosts(rules, 'outgoing_hosts') },
        },
        { kind: 'BuildSteps', options: { vcsPath: 'main', vcsUri: 'git@example.org:app.git', pipelineEndpoint } },
      );
    expect(() => add('http://169.254.169.254/')).toThrow(/pipelineEndpoint .* is refused: 169.254.169.254 belongs/);
    expect(() => add('https://evil.example', 'pipelines.example')).toThrow(/among the allowed outgoing_hosts/);
    expect(() => add('ftp://pipelines.example')).toThrow(/pipelineEndpoint must be an http or https address/);
    expect(add('https://pipelines.example', 'pipelines.example')).toMatchObject({ kind: 'BuildSteps' });
  });

  it.each([{ pipelineApiKey: 'k' }, { pipelineApiSecret: 'YQ==' }])('half of a key is refused: %j', (half) => {
    expect(() => parseOptions(kind, { vcsPath: 'main', vcsUri: 'git@example.org:app.git', ...half })).toThrow(
      /pipelineApiKey and pipelineApiSecret belong together/,
    );
  });

  it('one address serves both repositories, and the artefact has a branch of its own', () => {
    const { options } = build({ sourceVcsUri: undefined, vcsUri: 'git@example.org:app.git' });
    expect(decideBuildPlan(options, {})).toEqual({
      event: 'build',
      sourceUri: 'git@example.org:app.git',
      sourcePath: 'main',
      deployUri: 'git@example.org:app.git',
      deployPath: 'pipelines-build-main',
    });
    expect(decideBuildPlan(options, { PIPELINES_EVENT: 'pr-merged' }).event).toBe('pr-merged');
  });

  it('builds for the same target branch share a work id, others do not', () => {
    const target = { deployVcsUri: 'https://example.org/out.git', deployVcsPath: 'live' };
    expect(build(target).workId()).toBe(build({ ...target, vcsPath: 'other' }).workId());
    expect(build(target).workId()).not.toBe(build({ ...target, deployVcsPath: 'test' }).workId());
  });
});
