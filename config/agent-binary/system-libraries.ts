import type { NeededLibrary } from './elf-versions.ts';

/**
 * The newest versions that the binary may need. Node 24's own binaries keep to glibc 2.28 and the libstdc++ of GCC 8
 * (its BUILDING.md), as in Debian 10 and RHEL 8; every system of docker/agent-binary.md has newer ones. The labels of
 * GCC 8 are in the ABI policy of libstdc++.
 */
const NEWEST: Readonly<Record<string, string>> = {
  GLIBC: '2.28',
  GLIBCXX: '3.4.25',
  CXXABI: '1.3.11',
  GCC: '7.0.0',
};

/** Part of glibc and of GCC's runtime: libraries that an image with git and a shell has, or gets with libstdc++. */
const EXPECTED =
  /^(libc\.so\.6|libm\.so\.6|libdl\.so\.2|libpthread\.so\.0|librt\.so\.1|libgcc_s\.so\.1|libstdc\+\+\.so\.6|ld-linux-(x86-64|aarch64)\.so\.\d)$/;

/** Returns, a sentence each, what the binary needs that a supported system may not have. */
export function tooDemanding(needed: readonly NeededLibrary[]): string[] {
  return needed.flatMap(({ library, versions }) => [
    ...(EXPECTED.test(library) ? [] : [`It needs ${library}, which images do not have.`]),
    ...versions.filter((version) => !isOldEnough(version)).map((version) => sentenceOf(library, version)),
  ]);
}

function sentenceOf(library: string, version: string): string {
  const family = familyOf(version);
  const newest = NEWEST[family];
  if (newest === undefined) return `It needs ${version} of ${library}, which is no version that is known here.`;
  return `It needs ${version} of ${library}; the newest that every supported system has is ${family}_${newest}.`;
}

function isOldEnough(version: string): boolean {
  const newest = NEWEST[familyOf(version)];
  const numbers = /_(\d+(?:\.\d+)*)$/.exec(version)?.[1];
  return newest !== undefined && numbers !== undefined && compareNumbers(numbers, newest) <= 0;
}

function familyOf(version: string): string {
  return version.split('_', 1)[0] ?? '';
}

function compareNumbers(one: string, other: string): number {
  const [left, right] = [one, other].map((text) => text.split('.').map(Number));
  const length = Math.max(left?.length ?? 0, right?.length ?? 0);
  const differences = Array.from({ length }, (_, at) => (left?.[at] ?? 0) - (right?.[at] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
