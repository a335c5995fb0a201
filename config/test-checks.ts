import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { Tally } from './test-report.ts';

/** What is checked without running anything of the product. */
const CHECKS = {
  types: ['tsc', '--noEmit'],
  'types of the dashboard': ['tsc', '--noEmit', '-p', 'controlplane/dashboard'],
  lint: ['eslint', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '.'],
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
  'dependency rules': [
    'depcruise',
    '--config',
    'config/dependency-cruiser.cjs',
    'agent',
    'controlplane',
    'shared',
    'test',
  ],
  'unused code': ['knip', '--config', 'config/knip.mjs'],
  'unused code of the product': ['knip', '--config', 'config/knip.mjs', '--production'],
} as const;
const AT_ONCE = 2;

/** Runs all checks, each on one core. Their priority is the lowest: other tests beside them lose no time to them. */
export async function runChecks(root: string, tally: Tally): Promise<void> {
  const waiting = Object.entries(CHECKS);
  const runSome = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, command] = next;
      await runTool({ root, name, command, isUrgent: false }, tally);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runSome));
}

interface ToolRun {
  readonly root: string;
  /** The words for what it does, in the list of results. */
  readonly name: string;
  readonly command: readonly string[];
  readonly isUrgent?: boolean;
}

/** Runs a program of node_modules/.bin, counts it as one test, and shows what it printed if it fails. */
export async function runTool(run: ToolRun, tally: Tally): Promise<boolean> {
  const { root, name, command, isUrgent = true } = run;
  const [program = '', ...args] = command;
  const child = spawn(join(root, 'node_modules', '.bin', program), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (!isUrgent && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? 1)));
  tally[code === 0 ? 'passed' : 'failed'] += 1;
  console.log(code === 0 ? `✓ ${name}` : `✗ ${name}\n${Buffer.concat(chunks).toString()}`);
  return code === 0;
}
