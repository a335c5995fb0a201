import { beforeEach, describe, expect, it } from 'vitest';
import {
  BUILD_STEPS_OPTIONS,
  decideBuildPlan,
  type BuildStepsOptions,
} from '../../../controlplane/tasks/build-steps-options.ts';
import { BuildSteps } from '../../../controlplane/tasks/build-steps.ts';
import { parseOptions } from '../../../controlplane/tasks/basic-wip.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { trackProcess } from '../../../controlplane/tasks/check-result-status.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import { exited, FakeContext, processStatus } from '../../kit/wip-context.ts';

let context: FakeContext;

function build(options: Partial<Record<keyof BuildStepsOptions, unknown>> = {}): BuildSteps {
  const parsed = BUILD_STEPS_OPTIONS.schema.parse({
    vcsPath: 'main',
    sourceVcsUri: 'https://example.org/app.git',
    ...options,
  });
  return new BuildSteps({ uuid: 'u', options: parsed });
}

beforeEach(() => {
  context = new FakeContext();
  context.memory['home'] = '/home/local';
  context.attempt = { number: 1, ready: null, output: null, exit: null, verified: true };
});

describe('options', () => {
  const kind = SHIPPED_KINDS.find(({ kind }) => kind === 'BuildSteps')!;

  it.each([
    [{}, /vcsPath/],
    [{ vcsPath: '--upload-pack=evil' }, /branch or tag/],
    [{ vcsPath: 'main', sourceVcsUri: '--evil' }, /repository address/],
    [{ vcsPath: 'main', colour: 'red' }, /colour/],
    [{ vcsPath: 'main', containerMaxDisk: -1 }, /containerMaxDisk/],
    [{ vcsPath: 'main', environmentVariables: { '1A': 'x' } }, /environmentVariables/],
  ])('%j is refused by name', (options, message) => {
    expect(() => parseOptions(kind, options)).toThrow(message);
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

describe('BuildSteps', () => {
  it('refuses to push an artefact onto a tag', () => {
    const wip = build({ deployVcsPath: 'tags/v1' });
    expect(wip.checkDeployPath()).toBe('tag');
    wip.deployPathIsTag(context);
    expect(context.exited).toMatchObject({ status: 'ERROR_USER', message: 'The specified deploy VCS path is a tag.' });
  });

  it('writes keys with mode 0600 and never puts one on a command line', async () => {
    context.secrets['applicationPrivateKey'] = 'APPLICATION KEY';
    context.secrets['deployPrivateKey'] = 'DEPLOY KEY\n';
    context.state = 'establishWorkspaceSshKey';
    await build().establishWorkspaceSshKey(context);
    expect(context.files).toEqual([
      { path: '/home/local/.wip-build/ssh/source', content: 'APPLICATION KEY\n', mode: '0600' },
      { path: '/home/local/.wip-build/ssh/deploy', content: 'DEPLOY KEY\n', mode: '0600' },
    ]);
    expect(context.started).toEqual([]);
  });

  it('hands the variables of the user over as secrets', () => {
    context.secrets['environmentVariables'] = { TOKEN: 'hunter22' };
    build().addContainerOverrides(context.scripted, context);
    expect(context.scripted.overrides()).toContainEqual({ key: 'TOKEN', value: 'hunter22', secure: true });
    expect(context.scripted.overrides()).toContainEqual({ key: 'SEGMENT_USER_ID', value: 'unknown', secure: false });
  });

  it('quotes what people log in with', async () => {
    context.secrets['environmentVariables'] = { QUOTE: `it's $HOME` };
    context.state = 'writeUserEnvironmentVars';
    await build().writeUserEnvironmentVars(context);
    expect(context.files[0]?.content).toBe(`export QUOTE='it'\\''s $HOME'\n`);
  });

  it('takes the warnings of an export as such', async () => {
    context.state = 'exportBuildFileAsJson';
    trackProcess(context.bag, exited(2), context.now);
    const file = {
      version: '1.0.0',
      variables: { global: {} },
      sshKeys: {},
      services: [],
      events: {},
      warnings: ['no service'],
      fileName: 'f',
      commit: 'c',
    };
    context.answers.output = { kind: 'ok', value: JSON.stringify(file) };
    expect(await build().checkBuildFileExport(context)).toBe('success');
    expect(context.logs).toContainEqual({ level: 'WARN', message: 'no service', userReadable: true });
  });

  it('opens the secure values of the build file for the one process that needs them', async () => {
    context.memory['buildFile'] = {
      variables: { global: { PLAIN: 'a', TOKEN: { secure: 'sealed' } } },
      sshKeys: { 'my-key': { secure: 'sealed key' } },
    };
    context.state = 'executeBuildScript';
    await build().executeBuildScript(context);
    expect(context.started[0]?.body.secureEnvironment).toEqual({
      WIP_SECURE_VAR_TOKEN: 'opened sealed',
      WIP_SECURE_KEY_my_key: 'opened sealed key',
    });
  });

  it('gives a silent build ten minutes', async () => {
    context.state = 'noBuildProgress';
    const wip = build();
    const silent = (seconds: number): void => {
      trackProcess(context.bag, processStatus({ noProgress: true, secondsSinceProgress: seconds }), context.now);
      (context.bag['resultStatus'] as { reportOnNoProgress: boolean }).reportOnNoProgress = true;
    };
    silent(61);
    expect(await wip.checkBuildProgress(context)).toBe('wait');
    silent(600);
    expect(await wip.checkBuildProgress(context)).toBe('expired');
    trackProcess(context.bag, processStatus(), context.now);
    expect(await wip.checkBuildProgress(context)).toBe('progress');
  });

  it('ends with the words of the agent when a limit ended the container', async () => {
    const stdout = { head: Buffer.from('compiling\n').toString('base64'), tail: '', bytes: 10, omitted: 0 };
    const output = {
      classId: CLASS_ID.output,
      exitLog: 'The disk limit was exceeded.',
      log: 'compiling',
      stdout,
      cause: 'limit-disk' as const,
    };
    context.attempt = { ...context.attempt!, output };
    await build().containerTerminated(context);
    expect(context.exited).toEqual({
      status: 'ERROR_USER',
      message: 'The disk limit was exceeded.',
      detail: 'compiling',
      cause: 'limit-disk',
    });
    expect(context.logs.at(-1)?.message).toContain('compiling');
  });

  it('says what ECS knows when the container ended without a word', async () => {
    context.view = { verdict: 'terminated', sentence: 'The host was lost.', cause: 'host-lost', retry: 'launch-again' };
    await build().containerTerminated(context);
    expect(context.exited).toEqual({
      status: 'ERROR_SYSTEM',
      message: 'The container terminated unexpectedly.',
      detail: 'The host was lost.',
      cause: 'host-lost',
    });
  });

  it('never logs the password of a repository', () => {
    const wip = build({ sourceVcsUri: 'https://user:secret@example.org/app.git' });
    wip.reportPipelinesMetaData(context);
    expect(context.logs.map(({ message }) => message).join()).toBe(
      'Event build of main in https://example.org/app.git.',
    );
  });
});
