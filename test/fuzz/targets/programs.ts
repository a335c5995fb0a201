// Output of other programs, and addresses that they are given.
import { isIP } from 'node:net';
import { uncoveredMounts } from '../../../agent/monitor/mounts.ts';
import { networkBytes } from '../../../agent/monitor/cgroup.ts';
import { parseStat } from '../../../shared/system/proc-table.ts';
import { chooseBranch } from '../../../controlplane/cli/repository/choose-branch.ts';
import type { GitAnswer } from '../../../controlplane/cli/repository/local-git.ts';
import { parseRepositoryAddress } from '../../../shared/repository/repository-address.ts';
import { parseRepositoryHosts, whyAddressRefused } from '../../../shared/repository/repository-hosts.ts';
import type { Target } from '../fuzz-target.ts';

/** Returns a git whose every answer is the next part of the input. Parts end at a line of `==`. */
function scriptedGit(input: Buffer): () => GitAnswer {
  const parts = input.toString().split('==\n');
  let next = 0;
  return () => {
    const part = parts[next++ % parts.length] ?? '';
    const exitCode = part.startsWith('1') ? 1 : 0;
    return {
      exitCode,
      stdout: part.replace(/^[01] ?/, '').replace(/\n$/, ''),
      words: part.slice(0, 40).replace(/\s+/g, ' '),
    };
  };
}

const RULES = parseRepositoryHosts('');
const METADATA = /^169\.254\.\d+\.\d+$|^\[fe[89ab]|^\[fd00:ec2:|^\[::ffff:a9fe:|^100\.100\.100\.200$/;

/**
 * Checks that every text that a browser takes for a link-local address is refused, unless it is no address at all
 * here.
 */
function judgeAddress(text: string): void {
  const parsed = parseRepositoryAddress(text);
  const why = whyAddressRefused(RULES, text);
  if (parsed.kind === 'refused' && why === null) throw new Error('refused and allowed');
  const host = /^https?:\/\//i.test(text) ? URL.parse(text)?.hostname : undefined;
  if (host && METADATA.test(host) && why === null) throw new Error(`${host} is allowed`);
  if (parsed.kind === 'host' && isIP(parsed.host) === 4 && /^169\.254\./.test(parsed.host) && why === null) {
    throw new Error(`${parsed.host} is allowed`);
  }
}

export const PROGRAM_TARGETS: readonly Target[] = [
  {
    name: 'git-output',
    share: 4,
    pieces: [
      'refs/heads/main\n',
      'refs/tags/v1\n',
      '==\n',
      '0 ',
      '1 ',
      '1d4c540\n',
      ' M a.txt\0',
      '?? b\0',
      'fatal: x\n',
    ],
    run(input) {
      const git = scriptedGit(input);
      const repository = { directory: '/app', name: 'app', hasWorkingTree: true, git };
      const { vcsPath, shown, warnings } = chooseBranch(repository, input.length % 3 === 0 ? 'main' : undefined);
      if (typeof vcsPath !== 'string') throw new Error('the branch is no text');
      if ([shown, ...warnings].some((line) => /[\n\r\u0000-\u0008\u001b]/.test(line)))
        throw new Error('a line with controls');
    },
  },
  {
    name: 'repository-address',
    share: 6,
    pieces: [
      ...[
        'http://',
        'https://',
        'ssh://',
        'git://',
        'file://',
        'ext::',
        'git@',
        'user:pw@',
        '169.254.169.254',
        '0xA9FEA9FE',
      ],
      ...[
        '2852039166',
        '[::ffff:169.254.169.254]',
        '[fe80::1]',
        'metadata.google.internal',
        '.',
        '/',
        ':80',
        ':x',
        '@',
        '\\',
      ],
    ],
    run: (input) => judgeAddress(input.toString()),
  },
  {
    name: 'proc-files',
    share: 4,
    pieces: [
      '1 (a b) S 0 1 1 0 -1 ',
      '0 ',
      ') ',
      '36 35 98:0 / /mnt rw - ext4 /dev/sda rw\n',
      'eth0: 1 2 3\n',
      'lo: ',
      '18446744073709551615 ',
    ],
    run(input) {
      const text = input.toString('latin1');
      parseStat(text);
      // The kernel writes the figures. The process chooses its name.
      const entry = parseStat(`12 (${text}) S 3 12 12 0 -1 0 0 0 0 0 1 2 3 4 20 0 1 0 99 4096 7\n`);
      if (entry?.pid !== 12 || entry.parentPid !== 3 || entry.residentPages !== 7)
        throw new Error('a name moved the figures');
      uncoveredMounts(text, ['/']);
      networkBytes(text);
    },
  },
];
