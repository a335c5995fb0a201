import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Locked = z.object({
  version: z.string().optional(),
  license: z.string().optional(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  dev: z.boolean().optional(),
});
const Lockfile = z.object({ version: z.string(), packages: z.record(z.string(), Locked) });

/** Packages of years ago say it like this. */
const OldManifest = z.object({ licenses: z.array(z.object({ type: z.string() })).optional() });

/** A package that comes with the product when it is installed, or in it. */
export interface RuntimePackage {
  readonly name: string;
  readonly version: string;
  /** The package's licence in the words of SPDX; null when neither lockfile nor package name one. */
  readonly licence: string | null;
  /** `sha512-…` of what the registry gives out; null when the lockfile does not hold it. */
  readonly integrity: string | null;
}

/**
 * What a release may bring along: licences that ask for their text and for names, and for nothing of what is built with
 * them. Another one is a decision, and no accident of an update.
 */
export const ALLOWED_LICENCES: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  // argparse: the licence of Python, under which it was written first.
  'PSF-2.0',
  'Unlicense',
];

export function readLockfile(root: string): z.infer<typeof Lockfile> {
  return Lockfile.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
}

/** Development dependencies whose code is bundled into the dashboard, with those that they bring. */
export const BUNDLED_PACKAGES: readonly string[] = [
  '@preact/signals',
  '@preact/signals-core',
  'anser',
  'preact',
  'preact-iso',
  'uplot',
];

/** Returns everything that comes with the product: what the lockfile installs, for other platforms too, and what is bundled. */
export function listRuntimePackages(root: string): RuntimePackage[] {
  return Object.entries(readLockfile(root).packages)
    .filter(([path, { dev }]) => path !== '' && (dev !== true || isBundled(path)))
    .map(([path, { version = '', license, integrity }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: license ?? licenceIn(join(root, path)),
      integrity: integrity ?? null,
    }));
}

function isBundled(path: string): boolean {
  return BUNDLED_PACKAGES.some((name) => path === `node_modules/${name}`);
}

function licenceIn(directory: string): string | null {
  const manifest = join(directory, 'package.json');
  if (!existsSync(manifest)) return null;
  return OldManifest.parse(JSON.parse(readFileSync(manifest, 'utf8'))).licenses?.[0]?.type ?? null;
}

/** `(MIT OR Apache-2.0)` is allowed when one of them is. */
export function isAllowed(licence: string | null): boolean {
  const choices = (licence ?? '').replace(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((each) => ALLOWED_LICENCES.includes(each)));
}
