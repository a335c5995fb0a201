#!/usr/bin/env node
import type { StopCause } from '../shared/model/stop-cause.ts';
import type { Clock } from '../shared/time/clock.ts';

// The handlers come before everything else is loaded: without them a Node that is process 1 ignores SIGTERM, and one
// that is not dies of it without a last word. Until the agent listens, what came is kept.
type StopHandler = (cause: StopCause, detail?: string) => void;
const early: [StopCause, string | undefined][] = [];
let tell: StopHandler = (cause, detail) => void early.push([cause, detail]);
// Every signal whose default ends a process, but KILL and those of a crash. An image may name another than SIGTERM as its
// STOPSIGNAL. With a handler SIGUSR1 does not open Node's debugger either.
const ENDING_SIGNALS = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGPROF',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGIO',
  'SIGPWR',
  'SIGSTKFLT',
] as const;
for (const signal of ENDING_SIGNALS) process.on(signal, () => tell('sigterm', signal));

// The reader of our log may end before us; the container goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/** The version of the package; a test compares the two. */
const VERSION = '0.1.0';

const write = (text: string | Uint8Array): void => void process.stdout.write(text);
const writeError = (text: string | Uint8Array): void => void process.stderr.write(text);

async function main(): Promise<number> {
  const { readArguments } = await import('./commands/arguments.ts');
  const { systemClock: clock } = await import('../shared/time/clock.ts');
  const command = readArguments(process.argv.slice(2));
  switch (command.kind) {
    case 'run':
      return runHere(command.configFile, clock);
    case 'build':
      if (command.argv[0] === 'lint') endOnSignals();
      return buildHere(() => command.argv, clock);
    case 'build-standby':
      return buildWhenOrdered(clock);
    case 'version':
      write(`wip-agent ${VERSION}\n`);
      return 0;
    case 'sftp-server':
      return serveSftpHere();
    default: {
      endOnSignals();
      const { runLocalCommand } = await import('./commands/run-local-command.ts');
      const monotonicMs = () => clock.monotonicMs();
      return runLocalCommand(command, { environment: process.env, imageRoot: '/', monotonicMs, write, writeError });
    }
  }
}

/**
 * For commands that have nothing to finish, so that the usual meaning of the signals is the right one. It also holds while
 * this program computes, when no handler would be called.
 */
function endOnSignals(): void {
  for (const signal of ENDING_SIGNALS) process.removeAllListeners(signal);
  if (early.length > 0) process.kill(process.pid, 'SIGTERM');
}

async function serveSftpHere(): Promise<number> {
  endOnSignals();
  const { serveSftp } = await import('./ssh/sftp-server.ts');
  try {
    await serveSftp(process.stdin, process.stdout);
    return 0;
  } catch (error) {
    writeError(`wip-agent sftp-server: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function listenWith(handler: StopHandler): void {
  tell = handler;
  for (const [cause, detail] of early.splice(0)) handler(cause, detail);
}

async function runHere(configFile: string | undefined, clock: Clock): Promise<number> {
  process.on('uncaughtException', (error) => tell('internal', error.stack ?? error.message));
  const { closeInheritedFiles } = await import('./run/inherited-files.ts');
  closeInheritedFiles();
  // Before any schema is made: Zod would compile a function for each shape, and an agent parses too few messages for that.
  const { config } = await import('zod');
  config({ jitless: true });
  const { runAgent } = await import('./run/run-agent.ts');
  return runAgent({
    environment: process.env,
    configFile,
    version: VERSION,
    pid: process.pid,
    parentPid: process.ppid,
    selfCommand: selfCommand(),
    startedMonotonicMs: 0, // the clock counts from the start of the process
    startedAt: new Date(clock.now().getTime() - clock.monotonicMs()),
    clock,
    random: Math.random,
    // The global `crypto` would load Web Crypto, and an import at the top cryptography before the handlers are there.
    newUuid: () => process.getBuiltinModule('node:crypto').randomUUID(),
    writeLog: writeError,
    onStop: listenWith,
  });
}

/** Loads the build tool, then asks for its arguments, which may take long to come; null when none will come. */
async function buildHere(askArguments: () => readonly string[] | null, clock: Clock): Promise<number> {
  const stop = new AbortController();
  listenWith(() => stop.abort());
  const { runBuildTool } = await import('./build/build-tool.ts');
  // Not from node:dns here: the compiled agent can load its own files late, and no others.
  const { lookupHost } = await import('./build/git/lookup-host.ts');
  const { readCgroup } = await import('./monitor/cgroup.ts');
  const argv = askArguments();
  if (argv === null) return 0;
  const deps = { environment: process.env, cwd: process.cwd(), stdout: write, stderr: writeError, clock };
  const own = { lookupHost, oomKills: () => readCgroup().oomKills, random: Math.random, inputEnd };
  return runBuildTool(argv, { ...deps, ...own, abort: stop.signal });
}

function inputEnd(): AbortSignal {
  const ended = new AbortController();
  // An input that cannot be read is none, as at its end.
  for (const event of ['end', 'error'] as const) process.stdin.on(event, () => ended.abort());
  process.stdin.resume();
  return ended.signal;
}

async function buildWhenOrdered(clock: Clock): Promise<number> {
  const { adoptOrder, awaitOrder } = await import('./build/await-order.ts');
  return buildHere(() => {
    const order = awaitOrder();
    if (order) adoptOrder(order, process.env);
    return order && order.argv;
  }, clock);
}

/** In a single binary process.argv[1] repeats the binary; otherwise it is the script. */
function selfCommand(): string[] {
  const script = process.argv[1];
  return script === undefined || script === process.execPath ? [process.execPath] : [process.execPath, script];
}

main().then(
  // process.exit and not the natural end: an open socket or timer must not keep a container alive.
  (exitCode) => endWith(exitCode),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    endWith(75); // STOP_EXIT_CODE.internal; 70, which sysexits.h has for this, would say that the disk limit was exceeded
  },
);

/** A pipe takes what is still on its way only if it is waited for: process.exit would cut the last lines off. */
function endWith(exitCode: number): void {
  process.exitCode = exitCode;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
}
