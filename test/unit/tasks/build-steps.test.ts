import { describe, expect, it } from 'vitest';
import '../../testkit/vitest.ts';
import { BUILD_STEPS } from '../../../controlplane/tasks/kinds.ts';
import { BuildFileError } from '../../../agent/build/file/build-file.ts';
import type { BuildExport } from '../../../shared/protocol/build-export.ts';
import { GIT_FAILURES, type GitFailureKind } from '../../../shared/protocol/git-failure.ts';
import { parseRepositoryHosts } from '../../../shared/repository/repository-hosts.ts';
import { buildSteps } from '../../kit/builds/build-steps-task.ts';
import { SIMULATED_EXPORT } from '../../testkit/agent/simulated-build.ts';
import type { ProcessScript } from '../../testkit/process-script.ts';
import type { TaskScript } from '../../testkit/script.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import type { SimulatedWorld } from '../../testkit/simulated-world.ts';
import type { RunProcess, SimulatedRun } from '../../testkit/simulated-run.ts';

const STEPS = SIMULATED_EXPORT.events['build']!;
const DEPLOY = { deployVcsUri: 'https://example.org/out.git' };
const COMMIT = 'c'.repeat(40);

interface Build extends Omit<TaskScript, 'options' | 'processes'> {
  readonly options?: Record<string, unknown>;
  /** What the export of the build file says, over a file with one step. */
  readonly file?: Partial<BuildExport>;
  readonly exporting?: ProcessScript;
  readonly running?: ProcessScript;
  readonly settings?: SimulatedWorld['settings'];
}

/** Runs a build of `main` in a container whose user has the home /home/local. */
function build({ options, file, exporting, running, settings, ...script }: Build = {}): Promise<SimulatedRun> {
  const exported = { ...SIMULATED_EXPORT, commit: COMMIT, ...file };
  const whole = {
    options: { vcsPath: 'main', sourceVcsUri: 'https://example.org/app.git', ...options },
    processes: {
      ensureBuildUser: { stdout: '/home/local' },
      exportBuildFileAsJson: { stdout: JSON.stringify(exported), ...exporting },
      ...(running && { executeBuildScript: running }),
    },
    ...script,
  };
  return simulateTask(BUILD_STEPS, whole, settings && { settings });
}

function bodyOf({ processes }: SimulatedRun, state: string): RunProcess['body'] {
  return processes.find((process) => process.state === state)!.body;
}

describe('BuildSteps', () => {
  it('tells the build tool where repositories may be', async () => {
    const run = await build({ settings: { repositoryHosts: parseRepositoryHosts('example.org') } });
    const told = ['exportBuildFileAsJson', 'executeBuildScript'].map((state) => bodyOf(run, state).environment);
    expect(told.map((environment) => environment?.['WIP_REPOSITORY_HOSTS'])).toEqual(['example.org', 'example.org']);
  });

  it('refuses to push an artefact onto a tag, and launches nothing for it', async () => {
    const run = await build({ options: { deployVcsPath: 'tags/v1' } });
    expect(run).toEndWith('ERROR_USER', /^The specified deploy VCS path is a tag\.$/m);
    expect(run.attempts).toEqual([]);
  });

  it('writes keys with mode 0600 and never puts one on a command line', async () => {
    const keys = { applicationPrivateKey: 'APPLICATION KEY', deployPrivateKey: 'DEPLOY KEY\n' };
    const run = await build({ options: keys });
    const written = run.container!.files.filter(({ state }) => state === 'establishWorkspaceSshKey');
    expect(written).toMatchObject([
      { path: '/home/local/.wip-build/ssh/source', content: 'APPLICATION KEY\n', mode: '0600' },
      { path: '/home/local/.wip-build/ssh/deploy', content: 'DEPLOY KEY\n', mode: '0600' },
    ]);
    expect(run.processes.map(({ state }) => state)).not.toContain('establishWorkspaceSshKey');
    expect(JSON.stringify(run.processes)).not.toContain('KEY\\n');
    expect(JSON.stringify(run.processes)).not.toContain('APPLICATION KEY');
  });

  it('hands the variables of the user over as secrets', async () => {
    const { overrides } = (await build({ options: { environmentVariables: { TOKEN: 'hunter22' } } })).container!;
    expect(overrides).toContainEqual({ key: 'TOKEN', value: 'hunter22', secure: true });
    expect(overrides).toContainEqual({ key: 'SEGMENT_USER_ID', value: 'unknown', secure: false });
  });

  it('tells the agent that its build tool will be called, and not where an image has a build tool of its own', async () => {
    const standby = { key: 'BUILD_TOOL_STANDBY', value: 'true', secure: false };
    expect((await build()).container!.overrides).toContainEqual(standby);
    const own = await build({ settings: { buildTool: ['/opt/our-tool'] } });
    expect(own.container!.overrides.map(({ key }) => key)).not.toContain('BUILD_TOOL_STANDBY');
  });

  it('quotes what people log in with', async () => {
    const run = await build({ options: { environmentVariables: { QUOTE: `it's $HOME` } } });
    const [file] = run.container!.files.filter(({ state }) => state === 'writeUserEnvironmentVars');
    expect(file?.content).toBe(`export QUOTE='it'\\''s $HOME'\n`);
  });

  it('takes the warnings of an export as such', async () => {
    const run = await build({ exporting: { exitCode: 2 }, file: { warnings: ['no service'] } });
    expect(run).toEndWith('COMPLETED');
    expect(run.logs).toContainEqual(
      expect.objectContaining({ level: 'WARN', message: 'no service', userReadable: true }),
    );
  });

  describe('a build file that cannot be used', () => {
    async function messageFor(stderr: string): Promise<string> {
      const { exit } = await build({ exporting: { exitCode: 1, stderr, stdout: '' } });
      expect(exit).toMatchObject({ status: 'ERROR_USER', cause: 'build-file' });
      return exit.message;
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

  describe('a source that cannot be fetched', () => {
    const told = (kind: GitFailureKind, message: string): string =>
      `${JSON.stringify({ failure: { code: 'GIT_FAILED', kind, ...GIT_FAILURES[kind], message } })}\n`;

    it.each<[GitFailureKind, 'ERROR_USER' | 'ERROR_SYSTEM']>([
      ['ref-missing', 'ERROR_USER'],
      ['access-denied', 'ERROR_USER'],
      ['repository-missing', 'ERROR_USER'],
      ['unreachable', 'ERROR_SYSTEM'],
      ['server-error', 'ERROR_SYSTEM'],
      ['host-key', 'ERROR_SYSTEM'],
      ['certificate', 'ERROR_SYSTEM'],
      ['unknown', 'ERROR_SYSTEM'],
    ])('is no error of the build file: %s ends the task as %s', async (kind, status) => {
      const message = 'The source repository git://example.org cannot be read:\rfatal: no. Check it.';
      const exporting = { exitCode: 1, stdout: told(kind, message), stderr: `GIT_FAILED: ${message}\n` };
      const { exit } = await build({ exporting });
      const sentence = 'The source repository git://example.org cannot be read: fatal: no. Check it.';
      expect(exit).toMatchObject({ status, cause: 'source', message: sentence });
    });

    it('is what the task waits for while the build tool asks again', async () => {
      // Colours are no part of a sentence, and its reason is found by it.
      const stderr =
        'The repository git@h:x does not answer: \x1b[31mfatal\x1b[0m: timed out; trying again in 12 s, try 5 of 5\n';
      const { waits } = await build({ exporting: { runsFor: '2 m', stderr } });
      const because = 'the repository git@h:x does not answer: fatal: timed out; trying again in 12 s, try 5 of 5';
      const told = waits.filter((wait) => wait.because === because);
      expect(told.length).toBeGreaterThan(0);
      expect(told.every(({ reason }) => reason?.clause === because)).toBe(true);
    });

    it('at an address that no repository may have is told as that of the source', async () => {
      const stderr = 'REPOSITORY_REFUSED: The repository http://169.254.169.254/ is not read. Give another.\n';
      const { exit } = await build({ exporting: { exitCode: 1, stdout: '', stderr } });
      expect(exit).toMatchObject({ status: 'ERROR_USER', cause: 'source' });
    });
  });

  it('opens the secure values of the build file for the one process that needs them', async () => {
    const variables = { global: { PLAIN: 'a', TOKEN: { secure: 'sealed' } } };
    const run = await build({ file: { variables, sshKeys: { 'my-key': { secure: 'sealed key' } } } });
    expect(bodyOf(run, 'executeBuildScript').secureEnvironment).toEqual({
      WIP_SECURE_VAR_TOKEN: 'opened sealed',
      WIP_SECURE_KEY_my_key: 'opened sealed key',
    });
    expect(run.processes.filter(({ body }) => body.secureEnvironment !== undefined)).toHaveLength(1);
  });

  it.each([[{}], [{ 'post-deploy': STEPS }], [{ build: { steps: [] } }]])(
    'no build event in the file (%j) is the user error of a build, and nothing is run or pushed',
    async (events: BuildExport['events']) => {
      const run = await build({ options: DEPLOY, exporting: { exitCode: 2 }, file: { events } });
      expect(run).not.toHaveStarted('executeBuildScript');
      expect(run.exit).toMatchObject({
        status: 'ERROR_USER',
        cause: 'build-file',
        message: expect.stringMatching(
          /^acquia-pipelines\.yaml has no steps for the event "build".*nothing was pushed\. Add/,
        ),
      });
    },
  );

  it('another event without steps is nothing to do, and the end says so', async () => {
    const { exit } = await build({ options: { event: 'pr-merged' } });
    expect(exit).toMatchObject({
      status: 'COMPLETED',
      message: 'acquia-pipelines.yaml has no steps for the event "pr-merged", so there was nothing to do.',
    });
  });

  it.each(['post-deploy', 'pr-merged', 'pr-closed'] as const)(
    'runs the steps of the event %s and pushes nothing, though it has a repository for artefacts',
    async (event) => {
      const run = await build({ options: { event, ...DEPLOY }, file: { events: { [event]: STEPS } } });
      const { command } = bodyOf(run, 'executeBuildScript');
      expect(command).toEqual(expect.arrayContaining(['--event', event]));
      expect(command).not.toContain('--deploy-uri');
      expect(run.exit).toMatchObject({ status: 'COMPLETED', message: 'The build succeeded.' });
    },
  );

  it.each([
    ['PUSH_REJECTED: The repository rejected it: no. Ask.\n', 'push-rejected', ' The repository rejected it: no. Ask.'],
    ['GIT_FAILED: Pushing failed: no route. Again.\n', 'build-failed', ' Pushing failed: no route. Again.'],
    ['PUSH_REJECTED: says a step\nThe step "a" failed in line 3, exit code 1: false\n', 'build-failed', ''],
    ['', 'build-failed', ''],
    ['WORKSPACE_UNUSABLE: There is no disk. Get one.\n', 'build-failed', ' There is no disk. Get one.'],
    ['ENVIRONMENT_TOO_LARGE: All. Put it.\nwarning: more\n', 'build-failed', ''],
  ])('a build that failed says why nothing was built or pushed, if that is why: %j', async (stderr, cause, more) => {
    const { exit } = await build({ running: { exitCode: 1, stderr } });
    const message = `Failed while running the build script.${more}`;
    expect(exit).toMatchObject({ status: 'ERROR_USER', message, cause });
  });

  it('knows the commit that it built, and the one that it pushed', async () => {
    const pipeline = { pipelineEndpoint: 'https://pipelines.example', pipelineJobId: '7', authToken: 'token' };
    const options = { ...DEPLOY, ...pipeline };
    const stdout = `--- artefact: commit ${'a'.repeat(40)} pushed in 1 s\n`;
    const run = await build({ options, running: { stdout } });
    const commits = ({ memory }: SimulatedRun) => buildSteps(options).commits(memory);
    expect(commits(await build({ options, exporting: { exitCode: 1 } }))).toEqual({
      builtCommit: null,
      artefactCommit: null,
    });
    expect(commits(await build({ options, running: { exitCode: 1, stdout } }))).toEqual({
      builtCommit: COMMIT,
      artefactCommit: null,
    });
    expect(commits(run)).toEqual({ builtCommit: COMMIT, artefactCommit: 'a'.repeat(40) });
    const told = run.deliveries.map(({ request }) => JSON.parse(request.body ?? '{}') as { key?: string });
    expect(told.filter(({ key }) => key?.endsWith('_commit'))).toMatchObject([
      { key: 'built_commit', value: COMMIT, auth_token: 'token' },
      { key: 'artefact_commit', value: 'a'.repeat(40), auth_token: 'token' },
    ]);
  });

  it('has succeeded also when its container cannot be asked any more what was pushed', async () => {
    const run = await build({
      options: DEPLOY,
      interactions: [{ call: 'output', at: 'logBuildSuccessMessage', fails: 'refused', times: 9 }],
    });
    expect(run).toEndWith('COMPLETED');
    expect(buildSteps(DEPLOY).commits(run.memory).artefactCommit).toBeNull();
  });

  it('builds the merge ref of a pull request in place of the branch, which names the artefact', async () => {
    const options = { mergeRef: 'refs/pull/7/merge', ...DEPLOY };
    const run = await build({ options });
    expect(bodyOf(run, 'exportBuildFileAsJson').command).toEqual(
      expect.arrayContaining(['--source-path', 'refs/pull/7/merge', '--workspace']),
    );
    expect(bodyOf(run, 'executeBuildScript').command).toEqual(
      expect.arrayContaining(['--source-path', 'main', '--deploy-path', 'pipelines-build-main']),
    );
    const override = { key: 'PIPELINES_MERGE_REF', value: 'refs/pull/7/merge', secure: false };
    expect(run.container!.overrides).toContainEqual(override);
    expect(buildSteps(options).title).toBe('Build of main with refs/pull/7/merge');
  });

  it('builds the commit that was ordered', async () => {
    const vcsCommit = 'c'.repeat(40);
    const run = await build({ options: { vcsCommit, ...DEPLOY } });
    expect(bodyOf(run, 'exportBuildFileAsJson').command).toEqual(
      expect.arrayContaining(['--source-path', 'main', '--source-commit', vcsCommit]),
    );
  });

  it('gives the deploy key as a file that the build tool takes away, and the source key to the steps', async () => {
    const run = await build({ options: { applicationPrivateKey: 'KEY' } });
    expect(bodyOf(run, 'executeBuildScript').environment).toMatchObject({
      GIT_SSH_COMMAND: `'/home/local/.wip-build/git-ssh-source'`,
      WIP_DEPLOY_KEY_FILE: '/home/local/.wip-build/ssh/deploy',
      WIP_DEPLOY_GIT_SSH_COMMAND:
        "ssh -i '/home/local/.wip-build/ssh/deploy' -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o ConnectTimeout=30 -o ServerAliveInterval=30",
      WIP_REPOSITORY_HOSTS: 'local',
    });
  });

  it('gives a silent build ten minutes', async () => {
    const silent = (silentFor: string): Promise<SimulatedRun> =>
      build({ running: { runsFor: '20 m', silentAfter: 0, silentFor } });
    const late = await silent('9 m');
    expect(late.rowsTaken).toEqual(expect.arrayContaining(['noBuildProgress wait', 'noBuildProgress progress']));
    expect(late).toEndWith('COMPLETED');
    const never = await silent('19 m');
    expect(never.rowsTaken).toContain('noBuildProgress expired');
    expect(never.rowsTaken).not.toContain('noBuildProgress progress');
    expect(never.exit).toMatchObject({ status: 'ERROR_USER', cause: 'no-progress' });
    expect(never.elapsed).toBeGreaterThan(600);
    expect(never).toTakeLessThan('13 m');
  });

  it('ends with the words of the agent when a limit ended the container, with whose fault it was and what to do', async () => {
    const end = {
      after: '1 m',
      cause: 'limit-disk',
      exitLog: 'The disk limit was exceeded.',
      log: 'compiling',
      stdout: 'compiling\n',
    } as const;
    const run = await build({ container: { end }, running: { runsFor: 'forever' } });
    expect(run.exit).toEqual({
      status: 'ERROR_USER',
      message: 'The disk limit was exceeded.',
      detail: 'compiling',
      cause: 'limit-disk',
      fault: 'user',
      remedy: expect.stringContaining('ask for a higher disk limit'),
      evidence: expect.arrayContaining(['agent: limit-disk']),
    });
    expect(run.logs.map(({ message }) => message).join()).toContain('compiling');
  });

  it('says what ECS knows when the container ended without a word', async () => {
    const run = await build({
      container: { end: { after: '1 m', cause: 'host-lost' } },
      running: { runsFor: 'forever' },
    });
    expect(run.exit).toMatchObject({ status: 'ERROR_SYSTEM', cause: 'host-lost' });
    const { message, detail } = run.exit;
    const [, known] = /^The container terminated unexpectedly\. (The machine .* went away .*)$/.exec(message) ?? [];
    expect(known).toBeDefined();
    expect(detail).toContain(known);
  });

  it('never logs the password of a repository', async () => {
    const run = await build({ options: { sourceVcsUri: 'https://user:secret@example.org/app.git' } });
    expect(run.deliveries).toEqual([]);
    const messages = run.logs.map(({ message }) => message);
    expect(messages).toContain('Event build of main in https://example.org/app.git.');
    expect(messages.join()).not.toContain('secret');
  });
});
