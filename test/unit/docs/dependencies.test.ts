import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;

it('every dependency is pinned to one exact version', () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter(([, version]) => !/^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

it('every package of the lockfile has the hash that it is checked against', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { integrity?: string; link?: boolean }>;
  };
  const open = Object.entries(packages).filter(
    ([name, { integrity }]) => name !== '' && !integrity?.startsWith('sha512-'),
  );
  expect(open.map(([name]) => name)).toEqual([]);
});

it('the installation runs no script of a dependency', () => {
  const calls = [...read('config/bootstrap.mjs').matchAll(/spawnSync\('npm', \[([^\]]*)\]/g)].map(([, args]) => args);
  expect(calls.length).toBeGreaterThan(0);
  for (const args of calls) expect(args).toContain("'--ignore-scripts'");
});
