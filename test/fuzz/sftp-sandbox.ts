import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HOST = fileURLToPath(new URL('./sftp-host.ts', import.meta.url));
/** A user id that no machine uses: every right of this user is a right of all users. */
const STRANGER = 61_977;
const IS_ROOT = process.getuid?.() === 0;
const SECRET = 'not for the client';

/**
 * The SFTP server in a process of its own that may write in one directory only: as a user without any rights when
 * this process is root, and behind Node's permission model otherwise. The names in an input are arbitrary bytes.
 */
export class SftpSandbox {
  readonly #root = mkdtempSync(join(tmpdir(), 'wip-fuzz-sftp-'));
  readonly #guarded = join(this.#root, 'guarded');
  readonly #guardedBefore: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  #onLine: (line: string) => void = () => undefined;
  #last = 0;

  constructor() {
    chmodSync(this.#root, 0o755);
    mkdirSync(this.#place);
    writeFileSync(this.#guarded, SECRET, { mode: 0 });
    this.#guardedBefore = lookOf(this.#guarded);
    const code = [`--allow-fs-read=*`, `--allow-fs-write=${this.#place}`];
    const flags = ['--max-old-space-size=64', ...(IS_ROOT ? [] : ['--permission', ...code])];
    this.#child = spawn(process.execPath, [...flags, HOST], {
      cwd: this.#root,
      env: { UV_THREADPOOL_SIZE: '2' },
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(IS_ROOT ? { uid: STRANGER, gid: STRANGER } : {}),
    });
    if (!this.#child.stdout) throw new Error('spawn gave no pipe');
    createInterface(this.#child.stdout).on('line', (line) => this.#onLine(line));
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => `the server died: ${code ?? signal}`);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Throws when the server breaks a promise in a session of these bytes. */
  async run(input: Buffer): Promise<void> {
    this.#last += 1;
    const directory = join(this.#place, String(this.#last));
    this.#prepare(directory);
    const answered = new Promise<string>((resolve) => (this.#onLine = resolve));
    this.#child.stdin?.write(`${JSON.stringify({ directory, input: input.toString('base64') })}\n`);
    const line = await Promise.race([answered, this.#ended]);
    rmSync(directory, { recursive: true, force: true });
    if (line !== 'ok') throw new Error(line);
    this.#checkOutside();
  }

  remove(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.#root, { recursive: true, force: true });
  }

  get #place(): string {
    return join(this.#root, 'place');
  }

  #prepare(directory: string): void {
    mkdirSync(join(directory, 'd'), { recursive: true });
    writeFileSync(join(directory, 'f'), 'content');
    if (!IS_ROOT) return;
    for (const name of ['', 'd', 'f']) chownSync(join(directory, name), STRANGER, STRANGER);
  }

  #checkOutside(): void {
    const names = readdirSync(this.#root).sort().join();
    if (names !== 'guarded,place') throw new Error(`files beside the place: ${names}`);
    if (lookOf(this.#guarded) !== this.#guardedBefore) throw new Error('the guarded file was changed');
    const left = readdirSync(this.#place);
    // Without root the directory belongs to the user. Remaining files must not affect the next input.
    for (const name of left) rmSync(join(this.#place, name), { recursive: true, force: true });
    if (IS_ROOT && left.length > 0) throw new Error(`files beside the user's own: ${left.join()}`);
  }
}

function lookOf(path: string): string {
  const { size, mode, uid, mtimeMs, ctimeMs } = statSync(path);
  return [size, mode, uid, mtimeMs, ctimeMs].join();
}
