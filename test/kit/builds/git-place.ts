import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CHECKOUT } from '../programs/program.ts';

const SAMPLE = join(CHECKOUT, 'config', 'sample-build');

/** Runs git without the person's own settings. */
export function git(directory: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  return execFileSync('git', [...identity, ...args], {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  }).trim();
}

/** Makes a repository with these files on its branch main. */
export function makeRepository(directory: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  git(directory, 'init', '--quiet', '-b', 'main');
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '--allow-empty', '-m', 'a change');
  return directory;
}

/** Makes a repository of the sample build, unchanged or with the build file of one of its scenarios. */
export function makeSample(directory: string, scenario?: string): string {
  cpSync(SAMPLE, directory, { recursive: true, filter: (path) => !path.endsWith('scenarios') });
  if (scenario) cpSync(join(SAMPLE, 'scenarios', `${scenario}.yaml`), join(directory, 'acquia-pipelines.yaml'));
  return makeRepository(directory, {});
}

export function makeBareRepository(directory: string): string {
  mkdirSync(directory, { recursive: true });
  git(directory, 'init', '--quiet', '--bare', '-b', 'main');
  return directory;
}

/** Returns a build file with one step of these commands. */
export function buildFile(...commands: string[]): string {
  const lines = commands.map((command) => `            - ${JSON.stringify(command)}\n`).join('');
  return `version: 1.3.0\nevents:\n  build:\n    steps:\n      - only:\n          script:\n${lines}`;
}
