// Writes the templates, after every promise about them was held: `npm run aws:synth`. With --check it writes nothing, and
// fails when a committed template is not what the code makes.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { checkPromises } from './promises.ts';
import { hashSources } from './sources-hash.mjs';
import type { NetworkKind } from './stack/network.ts';
import { WipStack } from './stack/wip-stack.ts';

const KINDS: readonly NetworkKind[] = ['nat', 'endpoints'];

function makeTemplate(kind: NetworkKind): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'wip-aws-'));
  try {
    const app = new App({ outdir, analyticsReporting: false, context: { 'aws:cdk:enable-path-metadata': false } });
    return Template.fromStack(new WipStack(app, 'Wip', kind));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const isCheck = process.argv.includes('--check');

function writeOrCompare(name: string, text: string): void {
  const file = join(import.meta.dirname, 'templates', name);
  if (!isCheck) return writeFileSync(file, text);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  console.error(`docker/aws/templates/${name} is not what the code makes. Run "npm run aws:synth" and commit it.`);
  process.exitCode = 1;
}

for (const kind of KINDS) {
  const template = makeTemplate(kind);
  const held = checkPromises(template, kind);
  const json = template.toJSON() as { readonly Resources: object };
  writeOrCompare(`${kind}.json`, `${JSON.stringify(json, null, 2)}\n`);
  console.log(`${kind}: ${Object.keys(json.Resources).length} resources, ${held} promises held`);
}
writeOrCompare('sources.sha256', `${hashSources(import.meta.dirname)}\n`);
