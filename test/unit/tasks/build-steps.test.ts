import { beforeEach, describe, expect, it } from 'vitest';
import { trackProcess } from '../../../controlplane/tasks/check-result-status.ts';
import { BuildFileError } from '../../../agent/build/build-file.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import { buildSteps as build } from '../../kit/build-steps-task.ts';
import { exited, FakeContext, processStatus } from '../../kit/wip-context.ts';

let context: FakeContext;

beforeEach(() => {
  context = new FakeContext();
  context.memory['home'] = '/home/local';
  context.attempt = { number: 1, ready: null, output: null, exit: null, verified: true };
});

const STEP = { name: 'all', type: 'script', script: ['make'], line: 1, scriptLines: [2] };

function exportsFile(events: Record<string, unknown>, warnings: readonly string[] = []): void {
  const file = { version: '1.0.0', variables: { global: {} }, sshKeys: {}, services: [], events, warnings };
  context.answers.output = {
    kind: 'ok',
    value: JSON.stringify({ ...file, fileName: 'acquia-pipelines.yaml', commit: 'c' }),
  };
}

describe('BuildSteps', () => {
  it('tells the build tool where repositories may be', async () => {
    context.memory['buildFile'] = { variables: { global: {} }, sshKeys: {} };
    context.state = 'exportBuildFileAsJson';
    await build().exportBuildFileAsJson(context);
    context.state = 'executeBuildScript';
    await build().executeBuildScript(context);
    const told = context.started.map(({ body }) => body.environment?.['WIP_REPOSITORY_HOSTS']);
    expect(told).toEqual([context.settings.repositoryHosts.text, context.settings.repositoryHosts.text]);
  });

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
    exportsFile({ build: { steps: [STEP] } }, ['no service']);
    expect(await build().checkBuildFileExport(context)).toBe('success');
    expect(context.logs).toContainEqual({ level: 'WARN', message: 'no service', userReadable: true });
  });

  describe('a build file that cannot be used', () => {
    async function messageFor(stderr: string): Promise<string | undefined> {
      context.state = 'jsonExportFailed';
      trackProcess(context.bagOf('exportBuildFileAsJson'), exited(1), context.now);
      context.answers.output = { kind: 'ok', value: stderr };
      await build().jsonExportFailed(context);
      return context.exited?.message;
    }

    it('with several problems does not end its sentence at the colon: all are in it, and what to do', async () => {
      const problems = Array.from({ length: 300 }, (_, n) => ({
        line: n + 1,
        column: 1,
        message: `"key ${n}" is no key`,
      }));
      const error = new BuildFileError('acquia-pipelines.yaml', problems);
      const message = await messageFor(`warning: acquia-pipelines.yaml:1:1: odd\n${error.code}: ${error.message}\n`);
      expect(message).toMatch(/^BUILD_FILE_INVALID: .* it has 300 problems: acquia-pipelines\.yaml:1:1: "key 0"/);
      expect(message).toMatch(/acquia-pipelines\.yaml:100:1: "key 99" is no key; and 200 more\. Correct .*\.$/);
    });

    it('because git says so in several lines has all of them in its sentence', async () => {
      const words =
        'GIT_FAILED: The source repository x cannot be read: fatal: no\n\nPlease make sure it exists. Check it.\n';
      expect(await messageFor(words)).toBe(
        'GIT_FAILED: The source repository x cannot be read: fatal: no Please make sure it exists. Check it.',
      );
    });

    it.each([
      ['a tool of a site that says more than one line', 'no such branch\nat line 3\n', 'no such branch'],
      ['a tool that says nothing', '\n', 'The build file could not be read.'],
      ['an endless error', `X: ${'y'.repeat(60_000)}`, `X: ${'y'.repeat(31_997)}…`],
    ])('is told in one sentence: %s', async (_, stderr, expected) => {
      expect(await messageFor(stderr)).toBe(expected);
    });
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

  it.each([[{}], [{ 'post-deploy': { steps: [STEP] } }], [{ build: { steps: [] } }]])(
    'no build event in the file (%j) is the user error of a build, and nothing is run or pushed',
    async (events) => {
      context.state = 'exportBuildFileAsJson';
      trackProcess(context.bag, exited(2), context.now);
      exportsFile(events);
      const wip = build({ deployVcsUri: 'https://example.org/out.git' });
      expect(await wip.checkBuildFileExport(context)).toBe('fail');
      await wip.jsonExportFailed(context);
      expect(context.exited).toMatchObject({
        status: 'ERROR_USER',
        cause: 'build-file',
        message: expect.stringMatching(
          /^acquia-pipelines\.yaml has no steps for the event "build".*nothing was pushed\. Add/,
        ),
      });
    },
  );

  it('another event without steps is nothing to do, and the end says so', async () => {
    context.state = 'exportBuildFileAsJson';
    trackProcess(context.bag, exited(0), context.now);
    exportsFile({ build: { steps: [STEP] } });
    const wip = build({ event: 'pr-merged' });
    expect(await wip.checkBuildFileExport(context)).toBe('success');
    await wip.logBuildSuccessMessage(context);
    expect(context.exited).toMatchObject({
      status: 'COMPLETED',
      message: 'acquia-pipelines.yaml has no steps for the event "pr-merged", so there was nothing to do.',
    });
  });

  it.each(['post-deploy', 'pr-merged', 'pr-closed'] as const)(
    'runs the steps of the event %s and pushes nothing, though it has a repository for artefacts',
    async (event) => {
      const wip = build({ event, deployVcsUri: 'https://example.org/out.git' });
      context.state = 'exportBuildFileAsJson';
      trackProcess(context.bag, exited(0), context.now);
      exportsFile({ [event]: { steps: [STEP] } });
      expect(await wip.checkBuildFileExport(context)).toBe('success');
      context.state = 'executeBuildScript';
      await wip.executeBuildScript(context);
      const { command } = context.started.at(-1)!.body;
      expect(command).toEqual(expect.arrayContaining(['--event', event]));
      expect(command).not.toContain('--deploy-uri');
      context.state = 'logBuildSuccessMessage';
      await wip.logBuildSuccessMessage(context);
      expect(context.exited).toMatchObject({ status: 'COMPLETED', message: 'The build succeeded.' });
    },
  );

  it.each([
    ['PUSH_REJECTED: The repository rejected it: no. Ask.\n', 'push-rejected', ' The repository rejected it: no. Ask.'],
    ['GIT_FAILED: Pushing failed: no route. Again.\n', 'build-failed', ' Pushing failed: no route. Again.'],
    ['PUSH_REJECTED: says a step\nThe step "a" failed in line 3, exit code 1: false\n', 'build-failed', ''],
    ['', 'build-failed', ''],
  ])('a build that failed says why nothing was pushed, if that is why: %j', async (value, cause, more) => {
    context.state = 'executeBuildScript';
    trackProcess(context.bag, exited(1), context.now);
    context.answers.output = { kind: 'ok', value };
    context.state = 'logBuildFailureMessage';
    await build().logBuildFailureMessage(context);
    const message = `Failed while running the build script.${more}`;
    expect(context.exited).toMatchObject({ status: 'ERROR_USER', message, cause });
  });

  it('knows the commit that it built, and the one that it pushed', async () => {
    const wip = build({
      deployVcsUri: 'https://example.org/out.git',
      pipelineEndpoint: 'https://pipelines.example',
      pipelineJobId: '7',
    });
    context.secrets['authToken'] = 'token';
    expect(wip.commits(context.memory)).toEqual({ builtCommit: null, artefactCommit: null });
    context.memory['buildFile'] = { variables: { global: {} }, sshKeys: {}, commit: 'c'.repeat(40) };
    context.state = 'executeBuildScript';
    await wip.executeBuildScript(context);
    expect(wip.commits(context.memory)).toEqual({ builtCommit: 'c'.repeat(40), artefactCommit: null });
    trackProcess(context.bag, exited(0), context.now);
    context.answers.output = { kind: 'ok', value: `--- artefact: commit ${'a'.repeat(40)} pushed in 1 s\n` };
    context.state = 'logBuildSuccessMessage';
    await wip.logBuildSuccessMessage(context);
    expect(wip.commits(context.memory)).toEqual({ builtCommit: 'c'.repeat(40), artefactCommit: 'a'.repeat(40) });
    const told = context.delivered.map(({ request }) => JSON.parse(request.body ?? '') as object);
    expect(told).toMatchObject([
      { key: 'built_commit', value: 'c'.repeat(40), auth_token: 'token' },
      { key: 'artefact_commit', value: 'a'.repeat(40), auth_token: 'token' },
    ]);
  });

  it('has succeeded also when its container cannot be asked any more what was pushed', async () => {
    const wip = build({ deployVcsUri: 'https://example.org/out.git' });
    context.state = 'executeBuildScript';
    trackProcess(context.bag, exited(0), context.now);
    context.state = 'logBuildSuccessMessage';
    await wip.logBuildSuccessMessage(context);
    expect(context.exited).toMatchObject({ status: 'COMPLETED' });
    expect(wip.commits(context.memory).artefactCommit).toBeNull();
  });

  it('builds the merge ref of a pull request in place of the branch, which names the artefact', async () => {
    const wip = build({ mergeRef: 'refs/pull/7/merge', deployVcsUri: 'https://example.org/out.git' });
    context.state = 'exportBuildFileAsJson';
    await wip.exportBuildFileAsJson(context);
    expect(context.started[0]?.body.command).toEqual(
      expect.arrayContaining(['--source-path', 'refs/pull/7/merge', '--workspace']),
    );
    exportsFile({ build: { steps: [STEP] } });
    trackProcess(context.bag, exited(0), context.now);
    await wip.checkBuildFileExport(context);
    context.state = 'executeBuildScript';
    await wip.executeBuildScript(context);
    expect(context.started[1]?.body.command).toEqual(
      expect.arrayContaining(['--source-path', 'main', '--deploy-path', 'pipelines-build-main']),
    );
    wip.addContainerOverrides(context.scripted, context);
    const override = { key: 'PIPELINES_MERGE_REF', value: 'refs/pull/7/merge', secure: false };
    expect(context.scripted.overrides()).toContainEqual(override);
    expect(wip.title).toBe('Build of main with refs/pull/7/merge');
  });

  it('gives the deploy key as a file that the build tool takes away, and the source key to the steps', async () => {
    context.secrets['applicationPrivateKey'] = 'KEY';
    context.memory['buildFile'] = { variables: { global: {} }, sshKeys: {} };
    context.state = 'executeBuildScript';
    await build().executeBuildScript(context);
    expect(context.started[0]?.body.environment).toMatchObject({
      GIT_SSH_COMMAND: `'/home/local/.wip-build/git-ssh-source'`,
      WIP_DEPLOY_KEY_FILE: '/home/local/.wip-build/ssh/deploy',
      WIP_DEPLOY_GIT_SSH_COMMAND:
        "ssh -i '/home/local/.wip-build/ssh/deploy' -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=accept-new",
      WIP_REPOSITORY_HOSTS: 'local',
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
      message: 'The container terminated unexpectedly. The host was lost.',
      detail: 'The host was lost.',
      cause: 'host-lost',
    });
  });

  it('never logs the password of a repository', async () => {
    const wip = build({ sourceVcsUri: 'https://user:secret@example.org/app.git' });
    await wip.reportPipelinesMetaData(context);
    expect(context.delivered).toEqual([]);
    expect(context.logs.map(({ message }) => message).join()).toBe(
      'Event build of main in https://example.org/app.git.',
    );
  });
});
