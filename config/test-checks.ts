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

/** Returns the runs of all checks. */
export function checks(root: string): ToolRun[] {
  return Object.entries(CHECKS).map(([name, command]) => ({ root, name, command }));
}

/**
 * Runs these tools, each on one core, and returns the names of those that failed. Their priority is the lowest: tests
 * beside them lose no time to them.
 */
export async function runTools(tools: readonly ToolRun[], tally: Tally): Promise<ReadonlySet<string>> {
  const waiting = [...tools];
  const failed = new Set<string>();
  const runSome = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (!(await runTool(next, tally))) failed.add(next.name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runSome));
  return failed;
}

export interface ToolRun {
  readonly root: string;
  /** The words for what it does, in the list of results. */
  readonly name: string;
  readonly command: readonly string[];
}

/** Runs a program of node_modules/.bin, counts it as one test, and shows what it printed if it fails. */
async function runTool({ root, name, command }: ToolRun, tally: Tally): Promise<boolean> {
  const [program = '', ...args] = command;
  const child = spawn(join(root, 'node_modules', '.bin', program), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? 1)));
  tally[code === 0 ? 'passed' : 'failed'] += 1;
  console.log(code === 0 ? `✓ ${name}` : `✗ ${name}\n${Buffer.concat(chunks).toString()}`);
  return code === 0;
}
