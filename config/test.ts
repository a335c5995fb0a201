// Runs everything that proves the project and prints one summary, whose last line is `N passed, N failed, N skipped`.
//
//   npm test                                  everything
//   npm test -- --only unit integration       parts: checks unit vectors integration contract fuzz binary faults e2e
//   npm run test:ecs-contract                 a part of contract; WIP_PEER_ECS=<url> runs it against another server
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServers } from '../test/kit/database/database-server.ts';
import { checks, runTools, type ToolRun } from './test-checks.ts';
import { addTally, readTestReport, type Tally, type TestFile } from './test-report.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');

const SHARED_PARTS = ['unit', 'vectors', 'integration', 'contract', 'fuzz', 'e2e'] as const;
/** A third of a test is waiting, so three keep two cores busy. Four are 6 % faster and lose a race in each run (D64). */
const WORKERS = 3;
/** After its report vitest ends at once. What a test has left can hold it open for ever. */
const END_MS = 30_000;
/** More failures than these are no accident. */
const MOST_REPEATED = 3;
/** Hurried time shows a busy machine as slow nodes: a schedule of faults has nothing beside it but what gives way to it. */
const HURRIED_PATHS = ['faults', 'kill-containers', 'schedules'].map((name) => `test/faults/${name}.test.ts`);
/**
 * The tests that run again with the compiled agent: those whose outcome can differ there. Compiled are how it starts and
 * finds itself, what is embedded in it, its native modules, and how Node takes signals, options and other programs.
 */
const BINARY_PATHS = [
  // Start-up, options of Node, the build tool and what is embedded.
  'test/binary/',
  // The binary starts, writes, serves its API, is `wip-agent` on the PATH of what it starts, and masks what really was
  // printed.
  'test/integration/agent/agent.test.ts',
  // The binary is started again for each of its own commands.
  'test/integration/agent/commands.test.ts',
  // Signals of the operating system.
  'test/integration/agent/signals.test.ts',
  // Below tini and as process 1, beside sshd, under other users.
  'test/integration/agent/container.test.ts',
  // What a build can reach of it: its variables, its memory, its open files, its rights.
  'test/integration/agent/files-of-the-build.test.ts',
  'test/integration/agent/privileges.test.ts',
  'test/integration/agent/standby.test.ts',
  'test/integration/agent/workload-attacks.test.ts',
  // SSH with its native cryptography, and the server of SFTP as a program of its own.
  'test/integration/agent/over-ssh.test.ts',
  'test/contract/ssh/sftp.test.ts',
  // What a control plane and ECS see of it.
  'test/contract/agent/',
  'test/integration/localecs/agent.test.ts',
  // Not again: limits, usage, daemons and last words (/proc and statfs, the same calls; the image has one of each),
  // outages and output (the same streams), and what calls the agent's functions in the process of the test.
];

/** All tests but those that need the machine for themselves, or the compiled agent. */
async function runSharedTests(tally: Tally): Promise<void> {
  const faults = readdirSync(join(root, 'test', 'faults'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/faults/${name}`)
    .filter((path) => !HURRIED_PATHS.includes(path));
  const paths = [
    ...SHARED_PARTS.filter(isWanted).map((name) => `test/${name}/`),
    ...(isWanted('faults') ? faults : []),
  ];
  if (paths.length === 0) return;
  const isExternal = process.env['WIP_TEST_DATABASE_URL'] !== undefined;
  const servers = isExternal || !isWanted('integration') ? undefined : await startServers(WORKERS);
  try {
    await runTests(paths, tally, { workers: WORKERS, servers: servers?.environment });
  } finally {
    await servers?.close();
  }
}

const AGENT_BUILD = { root, name: 'the compiled agent', command: ['node', 'config/build.ts', 'agent'] };

/** What the tests of `binary` are about. They come before all others, and test/e2e/package.test.ts packs what is built here. */
function buildsForTests(): readonly ToolRun[] {
  if (!existsSync(join(root, 'node_modules', `node-linux-${process.arch}`))) return [];
  // The test of the image needs docker-compose, and is skipped without.
  if (!existsSync('/usr/bin/docker-compose')) return [AGENT_BUILD];
  const image = { root, name: 'the tree of the control-plane image', command: ['node', 'config/build.ts', 'image'] };
  return [image, AGENT_BUILD];
}

/** The agent's tests with the compiled agent. */
async function runBinary(tally: Tally): Promise<void> {
  const environment = { WIP_AGENT_BINARY: join(root, 'dist', 'wip-agent') };
  await runTests([...BINARY_PATHS, 'test/image/'], tally, { workers: WORKERS, environment });
}

/** A file with failed tests. */
interface FailedFile extends TestFile {
  /** How it is run again. */
  readonly options: TestOptions;
}

interface TestOptions {
  readonly workers: number;
  /** What the tests are told, in each run. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the database servers of this run are. A run without them starts its own. */
  readonly servers?: Readonly<Record<string, string>> | undefined;
  readonly reporter?: 'default' | 'verbose';
}

async function runTests(paths: readonly string[], tally: Tally, options: TestOptions): Promise<void> {
  const { servers: _gone, ...again } = options;
  const { code, files } = await runVitest(paths, options);
  for (const file of files) {
    addTally(tally, file.tally);
    for (const name of file.skipped) console.log(`skipped: ${name}`);
    if (file.failures.length > 0) failedFiles.push({ ...file, options: { ...again, workers: 1 } });
  }
  // A leak after the last test, or a run without a report, has no test of its own to fail.
  if (code !== 0 && files.every(({ failures }) => failures.length === 0)) tally.failed += 1;
}

async function runVitest(
  paths: readonly string[],
  { workers, environment, servers, reporter = 'default' }: TestOptions,
): Promise<{ code: number; files: readonly TestFile[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'wip-test-'));
  const report = join(directory, 'report.json');
  const args = ['run', '--passWithNoTests', `--maxWorkers=${workers}`, `--reporter=${reporter}`];
  const child = spawn(join(bin, 'vitest'), [...args, '--reporter=json', `--outputFile.json=${report}`, ...paths], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NO_COLOR: '1', ...servers, ...environment },
  });
  const guard = setInterval(() => {
    if (!existsSync(report) || Date.now() - statSync(report).mtimeMs < END_MS) return;
    console.log(`✗ ${paths.join(', ')}: vitest does not end, because something that a test has started still runs`);
    child.kill('SIGKILL');
  }, END_MS);
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? 1)));
  clearInterval(guard);
  try {
    return { code, files: readTestReport(readFileSync(report, 'utf8')) };
  } catch (error) {
    console.log(`✗ ${paths.join(', ')}: vitest left no report (${String(error)})`);
    return { code: 1, files: [] };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Runs the files of a few failed tests again, each alone on the machine, and names those that pass then: six thousand
 * tests share two cores, and one that was only crowded out should not hide what the others say. Each line is a fault to
 * be mended all the same, of the test or of the product.
 */
async function repeatFailures(tally: Tally): Promise<void> {
  const failures = failedFiles.flatMap((file) => file.failures);
  if (failures.length === 0 || failures.length > MOST_REPEATED || failures.length < tally.failed) return;
  console.log(`\nAgain, alone: ${failures.join(', ')}`);
  for (const file of failedFiles) {
    const again = await runVitest([file.path], file.options);
    // A file that is not found, or whose tests are skipped now, has not passed.
    if (again.code !== 0 || again.files.every(({ tally: { passed } }) => passed === 0)) continue;
    addTally(tally, file.tally, -1);
    for (const { tally: passed } of again.files) addTally(tally, passed);
    for (const name of file.failures) console.log(`unsteady: ${name} failed beside others and passed alone`);
  }
}

const at = process.argv.indexOf('--only');
const only = at === -1 ? null : process.argv.slice(at + 1);
const isWanted = (name: string): boolean => only === null || only.includes(name);
const startedMs = Date.now();
const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
const failedFiles: FailedFile[] = [];

const builds = isWanted('binary') ? buildsForTests() : [];
// Schedules of faults leave the better part of a core idle, which is what builds and checks take: one after the other
// they would leave a core idle themselves.
const [failedTools] = await Promise.all([
  runTools([...builds, ...(isWanted('checks') ? checks(root) : [])], tally),
  isWanted('faults') && runTests(HURRIED_PATHS, tally, { workers: 1 }),
]);
await runSharedTests(tally);
// Only this report says why a test was skipped: what the other server lacks.
if (only?.includes('ecs-contract')) await runTests(['test/contract/ecs/'], tally, { workers: 1, reporter: 'verbose' });
if (builds.length > 0 && !failedTools.has(AGENT_BUILD.name)) await runBinary(tally);
if (isWanted('binary') && builds.length === 0) {
  tally.skipped += 1;
  console.log('skipped: the compiled agent (needs the Node of package.json, which is for Linux on x86-64)');
}
await repeatFailures(tally);
console.log(`\nin ${Math.round((Date.now() - startedMs) / 1000)} s`);
console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exitCode = tally.failed === 0 ? 0 : 1;
