import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import { BuildPlace, stepOf, type BuildOutcome } from '../../kit/builds/build-place.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';

const BRANCH = 'pipelines-build-main';
const SCRIPT = '#!/bin/sh\n';

let place: BuildPlace;
let deployUri: string;
let otherUri: string;

beforeEach(() => {
  place = new BuildPlace();
  deployUri = `file://${place.bareRepository('deploy.git')}`;
  otherUri = `file://${place.bareRepository('other.git')}`;
  mkdirSync(place.path('home'));
});
afterEach(() => place.remove());

/** Runs a build with these commands as its step. Every usual place of git's configuration can be written there. */
async function build(
  commands: readonly string[],
  more: {
    readonly files?: Record<string, string>;
    readonly variables?: string;
    readonly environment?: Record<string, string>;
    readonly clock?: Clock;
  } = {},
): Promise<BuildOutcome> {
  const environment = {
    HOME: place.path('home'),
    GIT_CONFIG_GLOBAL: undefined,
    GIT_CONFIG_SYSTEM: place.path('system'),
    X: otherUri,
    D: deployUri,
    HOOKED: place.path('hooked'),
    ...more.environment,
  };
  const buildFile = `${stepOf(...commands, 'echo made > made')}${more.variables ?? ''}`;
  place.repository('source', { 'acquia-pipelines.yaml': buildFile, ...more.files });
  const common = ['--source-path', 'main', '--workspace', 'workspace'];
  const exported = await place.build(['export', '--source-uri', 'source', ...common], { environment });
  expect(exported).toMatchObject({ exitCode: 0, stderr: '' });
  const { clock = systemClock } = more;
  return place.build(['run', ...common, '--deploy-uri', deployUri], { environment, clock });
}

function expectItAtTheOrderedAddress(outcome: BuildOutcome): void {
  expect(outcome).toMatchObject({ exitCode: 0 });
  expect(outcome.stdout).toMatch(/--- artefact: commit [0-9a-f]{40} pushed/);
  expect(outcome.stdout).toContain(place.git('deploy.git', 'rev-parse', BRANCH));
  expect(place.git('deploy.git', 'show', `${BRANCH}:made`)).toBe('made');
  expect(place.git('other.git', 'for-each-ref')).toBe('');
  expect(existsSync(place.path('hooked'))).toBe(false);
}

const REDIRECTIONS: readonly (readonly [string, readonly string[]])[] = [
  ['git config --global url.X.insteadOf', ['git config --global url."$X".insteadOf "$D"']],
  ['git config --global url.X.pushInsteadOf', ['git config --global url."$X".pushInsteadOf "$D"']],
  ['git config --system url.X.insteadOf', ['git config --system url."$X".insteadOf "$D"']],
  [
    'url.X.insteadOf of a part of the address',
    ['git config --global url."${X%other.git}other.git?".insteadOf "${D%deploy.git}"'],
  ],
  [
    'a configuration in the place of XDG',
    ['mkdir -p ~/.config/git', 'git config -f ~/.config/git/config url."$X".insteadOf "$D"'],
  ],
  [
    'an include, and one with a condition',
    [
      'git config -f ~/more url."$X".insteadOf "$D"',
      'git config --global include.path "$HOME/more"',
      'git config --global includeIf."gitdir:/**".path "$HOME/more"',
    ],
  ],
  ['the configuration of the workspace', ['git config url."$X".insteadOf "$D"', 'git config core.worktree /tmp']],
  [
    'a configuration of the worktree',
    ['git config extensions.worktreeConfig true', 'git config --worktree url."$X".insteadOf "$D"'],
  ],
  [
    'a remote that is called like the address',
    ['git config --global remote."$D".pushurl "$X"', 'git config --global remote."$D".url "$X"'],
  ],
  [
    'variables that a step exports, and BASH_ENV',
    [
      'export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=url.$X.insteadOf GIT_CONFIG_VALUE_0=$D GIT_DIR=/tmp/x',
      'echo "export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=url.$X.insteadOf GIT_CONFIG_VALUE_0=$D" > ~/env',
      'echo ". ~/env" | tee ~/.bashrc ~/.profile ~/.bash_profile > /dev/null',
    ],
  ],
  ['another repository in place of .git', ['rm -rf .git', 'echo "gitdir: $HOME/../other.git" > .git']],
];

describe('the artefact of a build is pushed to the ordered address and nowhere else', () => {
  it.each(REDIRECTIONS)('after %s', async (_, commands) => {
    expectItAtTheOrderedAddress(await build(commands));
  });

  it('whatever variables the build file sets for git', async () => {
    const variables = [
      `variables:\n  global:\n    GIT_CONFIG_COUNT: '1'\n    GIT_CONFIG_KEY_0: url.${otherUri}.insteadOf\n`,
      `    GIT_CONFIG_VALUE_0: ${deployUri}\n    GIT_TRACE: ${place.path('hooked')}\n`,
    ];
    // A git command of the step would write a trace there too, so the step runs none.
    expectItAtTheOrderedAddress(await build(['true'], { variables: variables.join('') }));
  });

  it('whatever variables for git the order sets', async () => {
    const environment = {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.${otherUri}.insteadOf`,
      GIT_CONFIG_VALUE_0: deployUri,
      GIT_NAMESPACE: 'elsewhere',
    };
    expectItAtTheOrderedAddress(await build(['true'], { environment }));
  });

  it('with the git that was there before the steps, not with one that a step puts into PATH', async () => {
    const fake = `${SCRIPT}touch $HOOKED; exit 0\n`;
    const commands = [
      'mkdir -p ~/bin',
      `printf %b ${JSON.stringify(fake)} > ~/bin/git`,
      'cp ~/bin/git ~/bin/ssh',
      'chmod +x ~/bin/*',
    ];
    const PATH = `${place.path('home', 'bin')}:${process.env['PATH']}`;
    expectItAtTheOrderedAddress(await build(commands, { environment: { PATH } }));
  });

  it('with no program of the build: hooks, monitors, filters, signers and helpers', async () => {
    const evil = '"touch $HOOKED; exit 1; #"';
    const programs = [
      'core.fsmonitor',
      'core.sshCommand',
      'core.askPass',
      'core.editor',
      'core.pager',
      'credential.helper',
    ];
    programs.push(
      'diff.external',
      'gpg.program',
      'filter.evil.clean',
      'filter.evil.process',
      'uploadpack.packObjectsHook',
    );
    const outcome = await build([
      ...programs.map((name) => `git config --global ${name} ${evil}`),
      'git config --global filter.evil.required true',
      'git config --global commit.gpgSign true',
      'git config --global push.gpgSign true',
      'git config --global protocol.file.allow never',
      'git config --global protocol.allow never',
      'git config --global alias.push "!touch $HOOKED"',
      'mkdir -p ~/template/hooks',
      'printf "#!/bin/sh\\ntouch $HOOKED; exit 1\\n" > ~/template/hooks/pre-push',
      'chmod +x ~/template/hooks/pre-push',
      'git config --global init.templateDir ~/template',
      'git config --global core.hooksPath ~/template/hooks',
      'mkdir -p .git/hooks && cp ~/template/hooks/pre-push .git/hooks/',
      'echo "* filter=evil" | tee .gitattributes .git/info/attributes ~/attributes > /dev/null || true',
      'git config --global core.attributesFile ~/attributes',
      'git config --global core.excludesFile /dev/stdin',
    ]);
    expectItAtTheOrderedAddress(outcome);
  });

  it('while a process that a step left keeps writing the configuration', async () => {
    const daemon =
      'while :; do git config --global url."$X".insteadOf "$D"; for c in "$TMPDIR"/wip-*/*/config "$TMPDIR"/wip-*/gitconfig; do [ -e "$c" ] && git config -f "$c" url."$X".insteadOf "$D"; done; done';
    const environment = { WIP_PROCESS: 'a-mark-of-this-test' };
    const outcome = await build([`setsid sh -c '${daemon}' < /dev/null > /dev/null 2>&1 &`, 'sleep 0.1'], {
      environment,
    });
    expectItAtTheOrderedAddress(outcome);
  });
});

describe('the repository is asked whether it has the artefact', () => {
  it('and a push that git calls a success is none when it has not', async () => {
    place.write({ 'deploy.git/hooks/post-receive': `${SCRIPT}git update-ref -d refs/heads/${BRANCH}\n` });
    chmodSync(place.path('deploy.git/hooks/post-receive'), 0o755);
    const clock = new HastyClock();
    const outcome = await build(['true'], { clock });
    expect(outcome).toMatchObject({ exitCode: 1 });
    // The tool asked several times, because a server may answer from a copy that lags behind.
    expect(clock.sleptMs.slice(-4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(outcome.stderr).toMatch(
      /^GIT_FAILED: git pushed commit [0-9a-f]{40} to the branch "pipelines-build-main" of .*deploy\.git, but that repository has no such branch\. /,
    );
    expect(outcome.stdout).not.toContain('--- artefact');
  });

  it('and one that has a newer commit on top has it too', async () => {
    const commit = `c=$(git -c user.name=x -c user.email=x@x commit-tree -p ${BRANCH} -m top ${BRANCH}^{tree})`;
    place.write({ 'deploy.git/hooks/post-receive': `${SCRIPT}${commit}; git update-ref refs/heads/${BRANCH} $c\n` });
    chmodSync(place.path('deploy.git/hooks/post-receive'), 0o755);
    const outcome = await build(['true']);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).toContain(`commit ${place.git('deploy.git', 'rev-parse', `${BRANCH}^`)} pushed`);
  });
});

describe('the deploy key', () => {
  it('is out of reach of the steps, also when the build pushes nothing', async () => {
    place.write({ key: 'THE KEY\n' });
    const environment = { WIP_DEPLOY_KEY_FILE: place.path('key') };
    const outcome = await build([`cat ${place.path('key')} || true`, 'env'], { environment });
    expectItAtTheOrderedAddress(outcome);
    expect(outcome.stdout).not.toContain('THE KEY');
    place.write({ key: 'THE KEY\n' });
    const run = ['run', '--source-path', 'main', '--workspace', 'workspace', '--event', 'pr-merged'];
    expect(await place.build(run, { environment })).toMatchObject({ exitCode: 0 });
    expect(existsSync(place.path('key'))).toBe(false);
  });
});
