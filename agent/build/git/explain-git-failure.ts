import { OperationalError, type OperationalErrorCode } from '../../../shared/model/error.ts';
import { GIT_FAILURES, type GitFailureKind, type ToldGitFailure } from '../../../shared/protocol/git-failure.ts';
import type { FullDisk } from '../full-disk.ts';
import { gitWords, endsOf, printable } from './git-words.ts';

/** Which of the repositories of a build git was talking to; `workspace`: none, it worked on files. */
export type GitLocation = 'source' | 'deploy' | 'workspace';

/** Of each half of a message: what git said, and as much again. */
const MAX_CHARACTERS = 4_000;

/** An expected failure of git: its kind is for programs, the message for people. */
export class GitFailure extends OperationalError {
  readonly kind: GitFailureKind;
  constructor(code: OperationalErrorCode, kind: GitFailureKind, what: { happened: string; remedy: string }) {
    // Servers and repositories choose names of branches, of submodules and of commits.
    super(code, { happened: printable(what.happened, MAX_CHARACTERS), remedy: printable(what.remedy, MAX_CHARACTERS) });
    this.kind = kind;
  }

  override get retryable(): boolean {
    return GIT_FAILURES[this.kind].retryable;
  }

  toldToPrograms(): ToldGitFailure {
    return { code: this.code, kind: this.kind, ...GIT_FAILURES[this.kind], message: this.message };
  }
}

interface GitOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly tries?: number;
  readonly fullDisk?: FullDisk;
}

/**
 * The words of git 2.20 to 2.50 and of common servers, in LC_ALL=C. The first that fits is the answer, so narrow ones
 * stand above general ones: a size limit is told by a hook, and a dropped connection follows many errors.
 */
const WORDS: readonly (readonly [GitFailureKind, RegExp])[] = [
  ['remote-disk-full', /^remote: .*(No space left on device|Disk quota exceeded)|Insufficient server storage/im],
  [
    'quota',
    /over (its|your) (data |storage )?quota|(?<!Disk )quota (is |has been |was )?(exceeded|reached)|exceed(s|ed)? (the |its |your )?(\w+ )?quota|out of (storage|quota)|Bandwidth limit exceeded/i,
  ],
  ['disk-full', /No space left on device|Disk quota exceeded|disk full|Out of diskspace/i],
  [
    'content-invalid',
    /bad config .* \S*\.gitmodules|^fatal: (?:invalid value for '?submodule\.|No url found for submodule path)|^error: (?:invalid path '|unable to index file )/im,
  ],
  // With an address in it, the first of these is said of a server.
  [
    'settings-invalid',
    /^fatal: unable to access '\/|^fatal: bad config |^error: bogus \w+ in GIT_CONFIG_|^fatal: unable to parse command-line config/im,
  ],
  [
    'too-large',
    /file size limit|exceeds (the )?(maximum|limit|GitHub|allowed)|exceeds? .*\bsize\b|too large|larger than|size limit|returned error: 413|HTTP 413|unpack-objects.*max|GH001/i,
  ],
  [
    'ref-conflict',
    /directory file conflict|cannot lock ref '([^']*)': '[^']*' exists; cannot create|there are still refs under/i,
  ],
  ['branch-moved', /non-fast-forward|fetch first|stale info|cannot lock ref .* but expected|incorrect old value/i],
  ['branch-protected', /protected branch|branch is protected|GH006|GH013/i],
  ['hook-declined', /hook declined|hook failed/i],
  [
    'object-format',
    /object format|object-format|hash algorithm|mismatched algorithms|unexpected capabilities\^\{\}|unknown repository extension/i,
  ],
  ['host-key', /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No .* host key is known/i],
  [
    'certificate',
    /certificate (problem|verif|verification|has expired|is not yet)|server certificate|self.signed certificate|unable to get local issuer|error setting certificate/i,
  ],
  [
    'access-denied',
    /Permission denied|Authentication failed|Authorization failed|could not read (Username|Password)|terminal prompts disabled|returned error: (401|403|407)|HTTP (401|403)|access denied|not authorized|insufficient permission|read-only(?! file system)|read only|Authorization error:|Git credentials for \S+ not found|not allowed to (push|upload|pull|access)|denied to|Invalid username or|service not enabled|Too many authentication failures/i,
  ],
  [
    'unreachable',
    /Could ?n.t resolve (host|proxy)|Could not resolve|Name or service not known|Temporary failure in name resolution|unable to look up|No address associated|Connection (refused|timed out|reset|closed)|Could ?n.t connect|Failed to connect|No route to host|Network is (unreachable|down)|Operation timed out|Operation too slow|Empty reply|kex_exchange_identification|gnutls_handshake|SSL_connect|SSL connection timeout|unable to connect|Could not connect|Proxy CONNECT aborted|Timeout, server \S+ not responding/i,
  ],
  [
    'server-error',
    /returned error: (429|5\d\d)|HTTP (429|5\d\d)|Internal Server Error|Service Unavailable|try again later|Rate limit exceeded|\bServer error: |\b(batch response|LFS): Fatal error: /i,
  ],
  [
    'repository-missing',
    /does not appear to be a git repository|repository .*not found|Repository not found|returned error: (404|410)|HTTP (404|410)|Repository or object not found|not valid: is this a git repository|protocol error: bad line length|no DAV locking support|could not be found|does not exist|not exported|no such repository/i,
  ],
  [
    'ref-missing',
    /couldn.t find remote ref|Unable to find current revision in submodule|Remote branch .* not found|no such ref|unadvertised object|not our ref/i,
  ],
  [
    'address-invalid',
    /returned error: 30[1-8]|unable to update url base from redirection|Unable to find remote helper|'remote-\S+' is not a git command|transport .* not allowed|protocol .* (is )?not supported|bad\/illegal format|malformed|no path specified|strange (host|path)name|unsupported protocol|no host in the url/i,
  ],
  [
    'server-error',
    /early EOF|unexpected EOF|hung up unexpectedly|unexpected disconnect|RPC failed|invalid index-pack|index-pack failed|bad pack header|Could not read from remote repository/i,
  ],
  ['rejected', /remote rejected|\[rejected\]/i],
];

/** The kind of a failure by what git said. Addresses are left out: their words are the user's. */
export function classifyGitFailure(text: string): GitFailureKind {
  const words = endsOf(text).replace(/[a-z][a-z0-9+.-]*:\/\/[^\s'"]+/gi, 'URL');
  return WORDS.find(([, pattern]) => pattern.test(words))?.[0] ?? 'unknown';
}

/** The kinds that the lines of the other side may tell of a ref that was refused. */
const REFUSALS: ReadonlySet<GitFailureKind> = new Set([
  'ref-conflict',
  'branch-moved',
  'branch-protected',
  'hook-declined',
]);

/**
 * The kind of a push whose ref was refused. The status that git itself prints decides; the lines of the other side are
 * free text, where only limits and rules for branches are looked for.
 */
export function classifyRefusal(status: string, stderr: string): GitFailureKind {
  const wasTold = classifyGitFailure(stderr);
  if (wasTold === 'too-large' || wasTold === 'remote-disk-full' || wasTold === 'quota') return wasTold;
  const byStatus = classifyGitFailure(status);
  // Servers check their rules for branches in a hook, and what it says is more than that it declined.
  if (byStatus === 'hook-declined' && wasTold === 'branch-protected') return wasTold;
  if (byStatus !== 'rejected' && byStatus !== 'unknown') return byStatus;
  return REFUSALS.has(wasTold) ? wasTold : 'rejected';
}

/** Returns what to do about a failure, as a sentence without its final full stop. */
export function gitRemedy(kind: GitFailureKind, side: GitLocation): string {
  const rights = side === 'source' ? 'read' : 'read and write';
  switch (kind) {
    case 'access-denied':
      return `Check that the ${side} key, or the user and password in the address, may ${rights} this repository`;
    case 'repository-missing':
      return `Check the address; a server says the same of a repository that the ${side} key may not ${rights}`;
    case 'ref-missing':
      return 'Push the missing branch, tag or commit, or build one that is there';
    case 'address-invalid':
      return 'Correct the address: https://, ssh:// or user@host:path; if the repository has moved, give its new address';
    case 'unreachable':
      return 'Check that the host is right and can be reached from the container, then build again';
    case 'server-error':
      return 'Build again; if it happens again, ask the operator of the server';
    case 'host-key':
      return "Make sure that it is the right server, then put its host key into the image's /etc/ssh/ssh_known_hosts";
    case 'certificate':
      return 'Renew the certificate of the server, or add its authority to the trusted ones of the image';
    case 'branch-moved':
      return 'Build again: the artefact then goes on top of the new commit';
    case 'ref-conflict':
      return 'Deploy to a branch whose name is no directory of another branch and lies in none, or delete that one';
    case 'branch-protected':
      return 'Let the deploy key push to the protected branch, or deploy to a branch without protection';
    case 'hook-declined':
      return 'Do what the rules of the repository ask for, or deploy to a branch without them';
    case 'rejected':
      return 'Allow the deploy key to push to this branch, or deploy to another one, and build again';
    case 'too-large':
      return 'Let the build delete big files that are not to be deployed, or have the limit raised';
    case 'quota':
      return 'Free space in the account of the repository, or have its quota raised, then build again';
    case 'remote-disk-full':
      return 'Free space on the server of the repository, then build again';
    case 'disk-full':
      return 'Give the container more disk, or let the build write less';
    case 'content-invalid':
      if (side === 'workspace') return 'Delete or rename what git names here: it cannot read it, or takes no such name';
      return 'Correct what git names here, commit and build again';
    case 'settings-invalid':
      return 'Correct the configuration that git names here, in the image or in the variables of the build';
    case 'object-format':
      return 'Install git 2.29 or newer in the build image, or use a repository with SHA-1 object names';
    case 'unconfirmed':
      return 'Look at the repository and its hooks, then build again';
    case 'unknown':
      if (side === 'workspace') return 'Make sure that every file of the workspace can be read, and its name written';
      return `Read what git said; try the same command with the ${side} key by hand`;
  }
}

/** The kind of a failure by all that git printed. */
export function kindOfOutput({ stdout, stderr }: Pick<GitOutput, 'stdout' | 'stderr'>): GitFailureKind {
  return classifyGitFailure(`${endsOf(stdout)}\n${stderr}`);
}

/** The kinds that need no other side. */
const OF_FILES: ReadonlySet<GitFailureKind> = new Set(['disk-full', 'content-invalid', 'settings-invalid']);

function fullDiskText({ path, lacks }: FullDisk): string {
  return `the disk of ${path} ${lacks === 'space' ? 'is full' : 'has no inodes left'}`;
}

/** An error with git's own words and the remedy of its kind; `happened` ends before the colon. */
export function gitFailure(happened: string, output: GitOutput, side: GitLocation): GitFailure {
  const words = gitWords(output.stderr) || gitWords(output.stdout) || `exit code ${output.exitCode}`;
  const found = kindOfOutput(output);
  // Without another side, words such as "permission denied" are about a file.
  const told = side === 'workspace' && !OF_FILES.has(found) ? 'unknown' : found;
  const isFull = told === 'unknown' && output.fullDisk !== undefined;
  const kind = isFull ? 'disk-full' : told;
  const tries = output.tries ? `; tried ${output.tries} times` : '';
  return new GitFailure('GIT_FAILED', kind, {
    happened: `${happened}: ${words.replace(/\.$/, '')}${isFull ? `; ${fullDiskText(output.fullDisk)}` : ''}${tries}`,
    remedy: gitRemedy(kind, side),
  });
}
