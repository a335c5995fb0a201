import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BUILD_FILE = `version: 1.3.0
variables:
  global:
    GREETING: hello
events:
  build:
    steps:
      - rehearsed:
          script:
            - echo "$GREETING" > rehearsed.txt
`;

/**
 * Lets the build tool export a small repository, run its steps and push the artefact, as each build does. Throws when a
 * program fails or takes longer than `patienceMs`.
 */
export function rehearseBuild(command: readonly string[], directory: string, patienceMs: number): void {
  const run = (program: readonly string[]): void => runIn(directory, program, patienceMs);
  const [source, target, workspace] = ['source', 'target', 'workspace'].map((name) => join(directory, name));
  if (!source || !target || !workspace) throw new Error('three directories have a path each');
  mkdirSync(source);
  writeFileSync(join(source, 'acquia-pipelines.yaml'), BUILD_FILE);
  const asSomebody = ['-c', 'user.name=Wip', '-c', 'user.email=wip@wip.invalid'];
  run(['git', 'init', '--quiet', '-b', 'main', source]);
  run(['git', '-C', source, 'add', '--all']);
  run(['git', ...asSomebody, '-C', source, 'commit', '--quiet', '-m', 'rehearsal']);
  run(['git', 'init', '--quiet', '--bare', '-b', 'main', target]);
  run([...command, 'build', 'export', '--source-uri', source, '--source-path', 'main', '--workspace', workspace]);
  const order = ['--event', 'build', '--workspace', workspace, '--source-path', 'main'];
  run([...command, 'build', 'run', ...order, '--deploy-uri', target, '--deploy-path', 'rehearsed']);
}

function runIn(directory: string, [program = '', ...args]: readonly string[], patienceMs: number): void {
  const environment = {
    PATH: process.env['PATH'],
    HOME: directory,
    TMPDIR: directory,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    WIP_BUILD_RECORD: join(directory, 'record'),
  };
  const { status, signal, stderr } = spawnSync(program, args, {
    cwd: directory,
    env: environment,
    encoding: 'utf8',
    timeout: patienceMs,
  });
  if (status !== 0) {
    throw new Error(`The rehearsal of the build tool failed: ${program} ended with ${status ?? signal}: ${stderr}`);
  }
}
