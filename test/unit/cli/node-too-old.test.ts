import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nodeTooOld } from '../../../controlplane/node-too-old.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { CHECKOUT } from '../../kit/programs/program.ts';

const Lockfile = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ dev: z.boolean().optional(), engines: z.looseObject({ node: z.string().optional() }).optional() }),
  ),
});

/** The oldest version of Node 22 that a range takes; null for a form that it cannot read. */
function oldestOf22(range: string): number[] | null {
  const parts = range.split('||').map((part) => part.trim());
  const versions = parts.flatMap((part) => {
    const [, sign = '', major = '', minor = '0', patch = '0'] =
      /^(\^|>=)?\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(part) ?? [];
    if (major === '' || Number(major) > 22 || (sign !== '>=' && major !== '22')) return [];
    return [major === '22' ? [Number(minor), Number(patch)] : [0, 0]];
  });
  return versions.length === 0 ? null : versions.reduce((a, b) => (compare(a, b) <= 0 ? a : b));
}

function compare(a: readonly number[], b: readonly number[]): number {
  return (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0);
}

describe('the Node that wipctl needs', () => {
  it.each(['18.20.4', '20.20.2', '21.7.3', '22.12.0', '22.18.0'])('is not %s, which is told what to do', (version) => {
    expect(nodeTooOld(version)).toMatch(
      new RegExp(`^This is Node ${version}, and wipctl needs 22\\.19 or newer\\. .+\\.$`),
    );
  });

  it.each(['22.19.0', '24.15.0', '26.0.0', process.versions.node])('can be %s', (version) => {
    expect(nodeTooOld(version)).toBeNull();
  });

  it('is in `engines` as new as the newest that a dependency asks for, so npm warns of none', () => {
    const { packages } = Lockfile.parse(JSON.parse(readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8')));
    const ours = oldestOf22(manifest.engines.node) ?? [];
    const wanted = Object.entries(packages).flatMap(([path, { dev, engines }]) => {
      const oldest = path === '' || dev ? null : oldestOf22(engines?.node ?? '*');
      return oldest && compare(oldest, ours) > 0 ? [path] : [];
    });
    expect(wanted).toEqual([]);
    expect(oldestOf22('^22.22.2 || ^24.15.0 || >=26.0.0')).toEqual([22, 2]);
    expect(oldestOf22('>=22.19.0')).toEqual([19, 0]);
  });
});
