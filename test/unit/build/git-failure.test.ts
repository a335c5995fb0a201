import { describe, expect, it } from 'vitest';
import {
  classifyGitFailure,
  classifyRefusal,
  gitFailure,
  gitRemedy,
} from '../../../agent/build/git/explain-git-failure.ts';
import { gitWords } from '../../../agent/build/git/git-words.ts';
import { GIT_FAILURES, type GitFailureKind } from '../../../shared/protocol/git-failure.ts';

const KINDS = Object.keys(GIT_FAILURES) as GitFailureKind[];
const SSH_END =
  'fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n';

describe('the kind of a failure of git', () => {
  it.each<[GitFailureKind, string]>([
    ['access-denied', `git@github.com: Permission denied (publickey).\r\n${SSH_END}`],
    [
      'access-denied',
      `Received disconnect from 10.0.0.1: Too many authentication failures\r\nConnection closed\r\n${SSH_END}`,
    ],
    ['access-denied', "fatal: could not read Username for 'https://example.org': terminal prompts disabled"],
    [
      'access-denied',
      "remote: Invalid username or token.\nfatal: Authentication failed for 'https://example.org/x.git/'",
    ],
    [
      'access-denied',
      'ERROR: Permission to org/app.git denied to deploy-bot.\nfatal: Could not read from remote repository.',
    ],
    ['access-denied', `ERROR: The key you are authenticating with has been marked as read only.\n${SSH_END}`],
    ['content-invalid', 'fatal: bad config line 2 in file /w/.gitmodules'],
    ['content-invalid', "fatal: No url found for submodule path 'y' in .gitmodules"],
    ['content-invalid', "fatal: invalid value for 'submodule.lib.update'"],
    ['content-invalid', "error: invalid path '.GIT/config'\nfatal: adding files failed"],
    [
      'content-invalid',
      `error: open("s"): Permission denied\nerror: unable to index file 's'\nfatal: adding files failed`,
    ],
    ['ref-missing', "fatal: Unable to find current revision in submodule path 'x'"],
    ['settings-invalid', "fatal: unable to access '/root/.config/git/config': Permission denied"],
    ['settings-invalid', 'fatal: bad config line 1 in file /home/me/.gitconfig'],
    ['settings-invalid', 'error: bogus count in GIT_CONFIG_COUNT\nfatal: unable to parse command-line config'],
    ['repository-missing', `ERROR: Repository not found.\n${SSH_END}`],
    ['repository-missing', "remote: Repository not found.\nfatal: repository 'https://example.org/x.git/' not found"],
    ['repository-missing', 'fatal: http://example.org/x.git/info/refs not valid: is this a git repository?'],
    ['repository-missing', 'fatal: protocol error: bad line length character: <htm'],
    ['repository-missing', 'error: no DAV locking support on http://example.org/x.git/\nfatal: git-http-push failed'],
    ['repository-missing', `fatal: '/x' does not appear to be a git repository\n${SSH_END}`],
    ['ref-missing', "fatal: couldn't find remote ref refs/heads/x"],
    ['ref-missing', 'error: Server does not allow request for unadvertised object 1d4c540'],
    ['unreachable', `ssh: Could not resolve hostname git.example.org: Name or service not known\r\n${SSH_END}`],
    ['unreachable', `ssh: connect to host git.example.org port 22: Connection timed out\r\n${SSH_END}`],
    ['unreachable', `ssh: connect to host git.example.org port 22: No route to host\r\n${SSH_END}`],
    ['unreachable', `kex_exchange_identification: Connection closed by remote host\r\n${SSH_END}`],
    ['unreachable', "fatal: unable to access 'https://example.org/x/': Could not resolve host: example.org"],
    [
      'unreachable',
      "fatal: unable to access 'https://example.org/x/': Failed to connect to example.org port 443 after 9 ms: Couldn't connect to server",
    ],
    ['unreachable', "fatal: unable to access 'https://example.org/x/': Recv failure: Connection reset by peer"],
    [
      'unreachable',
      'error: RPC failed; curl 28 Operation too slow. Less than 1000 bytes/sec transferred the last 60 seconds',
    ],
    [
      'server-error',
      'error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502\nfatal: the remote end hung up unexpectedly',
    ],
    ['server-error', 'fatal: early EOF\nfatal: fetch-pack: invalid index-pack output'],
    ['server-error', SSH_END],
    ['host-key', `@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\r\n${SSH_END}`],
    [
      'certificate',
      "fatal: unable to access 'https://example.org/x/': SSL certificate problem: certificate has expired",
    ],
    ['certificate', 'server certificate verification failed. CAfile: none CRLfile: none'],
    ['disk-full', 'fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output'],
    [
      'remote-disk-full',
      'remote: fatal: write error: No space left on device\nerror: remote unpack failed: index-pack abnormal exit',
    ],
    [
      'quota',
      'batch response: This repository is over its data quota. Account responsible for LFS bandwidth should act.',
    ],
    ['quota', 'remote: GitLab: Your push has been rejected, because the storage quota was exceeded.'],
    ['disk-full', 'error: file write error: Disk quota exceeded'],
    ['too-large', 'error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413'],
    ['object-format', 'fatal: mismatched algorithms: client sha1; server sha256'],
    ['object-format', "fatal: the receiving end does not support this repository's hash algorithm"],
    ['address-invalid', "git: 'remote-gopher' is not a git command. See 'git --help'."],
    ['address-invalid', "fatal: transport 'ext' not allowed"],
    ['unknown', 'fatal: something new'],
  ])('is %s: %s', (kind, text) => {
    expect(classifyGitFailure(text)).toBe(kind);
  });

  it('does not follow from the address, whose words are chosen by its owner', () => {
    expect(
      classifyGitFailure("fatal: repository 'https://example.org/403/file-size-limit/Permission denied' broke"),
    ).toBe('unknown');
  });

  it.each<[GitFailureKind, string, string]>([
    ['branch-moved', '[rejected] (fetch first)', 'hint: Updates were rejected because'],
    ['branch-moved', '[rejected] (non-fast-forward)', ''],
    [
      'branch-moved',
      '[remote rejected] (failed to update ref)',
      "remote: error: cannot lock ref 'refs/heads/a': is at 1 but expected 2",
    ],
    ['ref-conflict', '[remote rejected] (directory file conflict)', ''],
    [
      'ref-conflict',
      '[remote rejected] (failed to update ref)',
      "remote: error: cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b'",
    ],
    [
      'hook-declined',
      '[remote rejected] (pre-receive hook declined)',
      'remote: permission denied, or connection refused; who knows',
    ],
    [
      'branch-protected',
      '[remote rejected] (pre-receive hook declined)',
      'remote: GitLab: You are not allowed to push code to protected branches on this project.',
    ],
    ['quota', '[remote rejected] (pre-receive hook declined)', 'remote: Your account has exceeded its storage quota.'],
    [
      'branch-protected',
      '[remote rejected] (protected branch hook declined)',
      'remote: error: GH006: Protected branch update failed',
    ],
    ['too-large', '[remote rejected] (pre-receive hook declined)', 'remote: error: GH001: Large files detected.'],
    ['too-large', '[remote rejected] (unpacker error)', 'remote: fatal: pack exceeds maximum allowed size (1.00 GiB)'],
    ['remote-disk-full', '[remote rejected] (unpacker error)', 'remote: fatal: write error: No space left on device'],
    [
      'rejected',
      '[remote rejected] (branch is currently checked out)',
      'remote: error: refusing to update checked out branch',
    ],
    ['rejected', '[remote rejected] (shallow update not allowed)', ''],
  ])('is %s for a ref that was refused as %s', (kind, status, stderr) => {
    expect(classifyRefusal(status, stderr)).toBe(kind);
  });
});

describe('what a person reads of a failure of git', () => {
  it('is the remedy of its kind, another for each', () => {
    for (const side of ['source', 'deploy'] as const) {
      const remedies = KINDS.map((kind) => gitRemedy(kind, side));
      expect(new Set(remedies).size).toBe(KINDS.length);
      for (const remedy of remedies) expect(remedy).toMatch(/^[A-Z].*[^.]$/);
    }
  });

  it('is one line: no carriage return, colour, progress, advice or repetition, and no password', () => {
    const text = [
      'remote: Enumerating objects: 5, done.        ',
      'remote: Counting objects:  20% (1/5)\rremote: Counting objects: 100% (5/5)\r',
      'remote: \x1b[31mFrozen\x1b[0m\u0000until Monday        ',
      'remote: ',
      'error: failed to push some refs to https://me:p@ss@example.org/x.git',
      'hint: See the Note',
      "fatal: unable to access 'https://me:p@ss@example.org/x.git/'",
      "fatal: unable to access 'https://me:p@ss@example.org/x.git/'",
    ].join('\n');
    expect(gitWords(text)).toBe(
      "remote: Frozen until Monday; fatal: unable to access 'https://***@example.org/x.git/'",
    );
  });

  it('has an end, and both its ends are shown', () => {
    const words = gitWords(Array.from({ length: 10_000 }, (_, line) => `line ${line}`).join('\n'));
    expect(words.length).toBeLessThan(2_100);
    expect(words).toMatch(/^line 0; .* … .*line 9999$/);
  });

  it('says the exit code of a git that said nothing', () => {
    const error = gitFailure('It failed', { exitCode: 7, stdout: '', stderr: '\r\n' }, 'source');
    expect(error.message).toMatch(/^It failed: exit code 7\. /);
    expect(error.retryable).toBe(false);
    const timeout = gitFailure('It failed', { exitCode: 1, stdout: '', stderr: 'Connection timed out' }, 'source');
    expect(timeout).toMatchObject({ kind: 'unreachable', retryable: true });
  });
});

describe('the words of git-lfs about a server of HTTP', () => {
  const at = 'http://lfs.example.org/objects/batch';
  const fields = '&{%!!(string=http) %!!(*url.Userinfo=0xc0001) %!!(string=lfs.example.org) %!!(bool=false)}s(MISSING)';
  it.each<[GitFailureKind, string]>([
    ['access-denied', `batch response: Authorization error: ${at}`],
    ['access-denied', `batch response: Git credentials for http://lfs.example.org not found.`],
    ['repository-missing', `batch response: Repository or object not found: ${at}`],
    ['repository-missing', `batch response: Client error ${fields} from HTTP 410`],
    ['server-error', `batch response: Rate limit exceeded: ${at}`],
    ['server-error', `batch response: Fatal error: Server error: ${at}`],
    ['server-error', 'batch response: Fatal error: We are moving to another building'],
    ['server-error', `LFS: Fatal error: Server error ${fields} from HTTP 503`],
    ['server-error', 'cannot write data to temporary file "/w/.git/lfs/incomplete/1": LFS: unexpected EOF'],
    ['remote-disk-full', `batch response: Insufficient server storage: ${at}`],
    ['quota', `batch response: Bandwidth limit exceeded: ${at}`],
  ])('are understood (%s: %s)', (kind, words) => {
    expect(classifyGitFailure(words)).toBe(kind);
  });

  it('are told without addresses in pieces, logs in a container that is gone, and calls in its own source', () => {
    const text = [
      `batch response: Client error ${fields} from HTTP 410`,
      "Errors logged to '/w/.git/lfs/logs/1.log'.",
      'Use `git lfs logs last` to view the log.',
      'panic: runtime error: index out of range [0] with length 0',
      'goroutine 37 [running]:',
      'github.com/git-lfs/git-lfs/tq.(*basicDownloadAdapter).download(0xc000014848, 0x0)',
      '\tgithub.com/git-lfs/git-lfs/tq/basic_download.go:156 +0x14a8',
      'created by github.com/git-lfs/git-lfs/tq.(*adapterBase).Begin',
    ];
    expect(gitWords(text.join('\n'))).toBe(
      'batch response: Client error from HTTP 410; panic: runtime error: index out of range [0] with length 0',
    );
  });
});

it('a failure that git does not explain is that of a full disk where the disk is full, and no other is', () => {
  const fullDisk = { path: '/w', freeBytes: 0, lacks: 'inodes' } as const;
  const silent = { exitCode: 128, stdout: '', stderr: "fatal: cannot update ref 'refs/heads/main'", fullDisk };
  for (const side of ['source', 'workspace'] as const) {
    const failure = gitFailure('Checking out failed', silent, side);
    expect(failure).toMatchObject({
      kind: 'disk-full',
      happened: expect.stringMatching(/main'; the disk of \/w has no inodes left$/) as string,
    });
  }
  const denied = gitFailure('It failed', { ...silent, stderr: 'fatal: Authentication failed for URL' }, 'source');
  expect(denied).toMatchObject({ kind: 'access-denied' });
});
