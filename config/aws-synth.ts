// Makes the CloudFormation templates of docker/aws, and holds the promises about them: `npm run aws:synth`. The first run
// installs aws-cdk-lib into that folder alone; later ones need no network.
//
//   npm run aws:synth                 writes docker/aws/templates
//   npm run aws:synth -- --check      fails when what is committed is not what the code makes
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const app = join(root, 'docker', 'aws');
const stamp = join(app, 'node_modules', '.wip-lockfile');

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { cwd: app, stdio: 'inherit' });
}

function install(): void {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(app, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfile) return;
  console.log('Installing aws-cdk-lib into docker/aws (once) …');
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lockfile);
}

install();
run(join(root, 'node_modules', '.bin', 'tsc'), ['--noEmit', '-p', app]);
run(process.execPath, ['--disable-warning=ExperimentalWarning', join(app, 'synth.ts'), ...process.argv.slice(2)]);
