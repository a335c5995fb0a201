import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { BUNDLED_PACKAGES, isAllowed, listRuntimePackages, readLockfile } from '../../../config/runtime-packages.ts';
import { makeSoftwareBill } from '../../../config/software-bill.ts';
import { readDocument, ROOT } from '../docs/documents.ts';

const packages = listRuntimePackages(ROOT);
const manifest = JSON.parse(readDocument('package.json')) as { version: string; dependencies: Record<string, string> };

describe('what is installed with the product', () => {
  it('has licences that ask for nothing of what is built with it', () => {
    expect(packages.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
    expect(packages.length).toBeGreaterThan(Object.keys(manifest.dependencies).length);
  });

  it('would be refused with a licence that asks for more, or with none', () => {
    expect(['MIT', '(MIT OR GPL-3.0-only)', 'MIT AND ISC'].map(isAllowed)).toEqual([true, true, true]);
    expect(['GPL-3.0-only', 'MIT AND GPL-3.0-only', '', null].map(isAllowed)).toEqual([false, false, false, false]);
  });

  it('is pinned by content, from whatever registry it comes', () => {
    const locked = Object.entries(readLockfile(ROOT).packages).filter(([path]) => path !== '');
    expect(locked.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});

describe('what is bundled into the dashboard', () => {
  it('is on the list, and nothing else is', async () => {
    const { metafile } = await build({
      entryPoints: [join(ROOT, 'controlplane/dashboard/main.tsx')],
      bundle: true,
      format: 'esm',
      splitting: true,
      outdir: 'unused',
      write: false,
      metafile: true,
      jsx: 'automatic',
      jsxImportSource: 'preact',
      absWorkingDir: ROOT,
      logLevel: 'silent',
    });
    const modules = Object.keys(metafile.inputs).filter((path) => path.startsWith('node_modules/'));
    const names = modules.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? '');
    const installed = listRuntimePackages(ROOT).map(({ name }) => name);
    expect([...new Set(names)].filter((name) => !installed.includes(name))).toEqual([]);
    expect(BUNDLED_PACKAGES.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('the bill of materials', () => {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const make = (): string => {
    const printed: unknown = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }));
    return makeSoftwareBill({ printed, product: 'wip-ecs', packages, date: new Date(0) });
  };
  const bill = make();
  const { components, ...rest } = JSON.parse(bill) as {
    components: { name: string; version: string; licenses: unknown[]; hashes: unknown[] }[];
    metadata: { component: { name: string; version: string } };
  };

  it('names the product, and each package with licence and hash', () => {
    expect(rest.metadata.component).toMatchObject({ name: 'wip-ecs', version: manifest.version });
    const named = components.map(({ name, version }) => `${name}@${version}`).toSorted();
    expect(named).toEqual([...new Set(packages.map(({ name, version }) => `${name}@${version}`))].toSorted());
    expect(components.filter(({ licenses, hashes }) => !licenses?.length || !hashes?.length)).toEqual([]);
  });

  it('is the same for the same commit', () => {
    expect(make()).toBe(bill);
  });
});

it('the version stands in package.json, and every copy of it is the same', () => {
  expect(readLockfile(ROOT).version).toBe(manifest.version);
  expect(readDocument('agent/main.ts')).toContain(`const VERSION = '${manifest.version}';`);
  expect(readDocument('README.md')).toContain(`Version ${manifest.version}.`);
});
