import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArguments } from '../../../agent/commands/arguments.ts';
import {
  locateConfig,
  parseConfig,
  shortSocketPath,
  type AgentConfig,
  type Environment,
} from '../../../agent/config/agent-config.ts';
import { withInitialSize } from '../../../agent/commands/measure-baseline.ts';
import { readAddresses, readDeveloperKey } from '../../../agent/config/launch-environment.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';

const EXAMPLE = readFileSync(new URL('../../../config/config.ini', import.meta.url), 'utf8');
const IMAGE = { file: '/etc/buildcontainer/config.ini', root: null };

function parse(text: string, environment: Environment = {}, root: string | null = null): AgentConfig {
  return parseConfig(text, { ...IMAGE, root }, environment);
}

/** Returns the message of the refusal. */
function refusal(text: string, environment: Environment = {}): string {
  try {
    parse(text, environment);
  } catch (error) {
    if (error instanceof OperationalError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

describe('config.ini', () => {
  it('has in its example exactly the defaults, but for the measured initial size', () => {
    expect(parse(EXAMPLE)).toEqual({ ...parse(''), disk: { ...parse('').disk, initialBytes: 1_730_000_000 } });
    expect(parse('')).toMatchObject({ maxTimeSeconds: 3_600, sshPort: 22, sshHost: '0.0.0.0', workloadUser: 'local' });
    expect(parse('').disk).toMatchObject({ maxWorkloadBytes: 10_000_000_000, paths: ['/'], reserveBytes: 64_000_000 });
  });

  it('has every key in the README, and no other', () => {
    const readme = readFileSync(new URL('../../../agent/README.md', import.meta.url), 'utf8');
    const told = [...readme.matchAll(/^\| `\[(\w+)\] (\w+)`/gm)].map(([, section, key]) => `${section}.${key}`);
    const sections = EXAMPLE.split(/^\[(\w+)\]$/m).slice(1);
    const keys = sections.flatMap((text, index) =>
      index % 2 === 0 ? [] : [...text.matchAll(/^(\w+) *=/gm)].map(([, key]) => `${sections[index - 1]}.${key}`),
    );
    expect(told).toEqual(keys);
  });

  it.each([
    [
      '[disk]\nmaximum = 3',
      /config\.ini: \[disk\] maximum is not a key of this section, allowed are initial_size, max_workload/,
    ],
    ['[disc]\nmax_workload = 3', /\[disc\] is not a section, allowed are disk, time, memory, ssh/],
    ['; limits\nmax_workload = 3\n[disk]', /config\.ini: line 2: max_workload stands before any section/],
    ['[disk]\nreserve = 1\n# again\nreserve=2', /\[disk\] reserve is given twice, in lines 2 and 4/],
    ['[disk]\nreserve = 1\n[time]\n[disk]\nreserve = 2', /\[disk\] reserve is given twice, in lines 2 and 5/],
    ['[disk]\nmax_workload = ten', /\[disk\] max_workload = "ten": must be a number such as 10/],
    ['[disk]\nmethod = guess', /\[disk\] method = "guess": .*"auto"\|"statfs"\|"changed-files"/],
    ['[disk]\npaths = /, tmp', /\[disk\] paths = .*must be an absolute path/],
    ['[disk]\nmax_workload[] = 1', /\[disk\] max_workload/],
    ['[memory]\nreport_oom = maybe', /\[memory\] report_oom = "maybe": must be true or false/],
    ['[ssh]\nport = 70000', /\[ssh\] port/],
    ['[ssh]\nserver = dropbear', /\[ssh\] server = "dropbear": .*"embedded"\|"openssh"/],
    ['[shutdown]\nstop_budget = 900', /\[shutdown\] stop_budget = 900: must be 120 or less/],
    ['[shutdown]\nstop_budget = 3', /\[shutdown\] stop_budget = 3: must be 5 or more/],
    ['[__proto__]\nx = 1', /\[__proto__\] is not a section, allowed are disk, time/],
    ['[disk]\n__proto__ = 1', /\[disk\] __proto__ is not a key of this section, allowed are initial_size/],
    ['[disk]\nreserve = 1\n[ disk ]\nreserve = 2', /\[disk\] reserve is given twice, in lines 2 and 4/],
    ['[disk]\nreserve = 1\n["disk"]\n"reserve" = 2', /\[disk\] reserve is given twice, in lines 2 and 4/],
    ['[disk]\rreserve = 1\rreserve = 2', /\[disk\] reserve is given twice, in lines 2 and 3/],
    ['[disk]\nmax_workload = 0', /\[disk\] max_workload = 0: must be more than 0/],
    ['[disk]\nmax_workload', /line 2: \[disk\] max_workload has no value: write "key = value"/],
    ['[time]\nmax_workload = 0', /\[time\] max_workload = 0: must be 1 or more/],
    ['[workload]\nuser =', /\[workload\] user = "": must be the name of a user/],
    ['[disk\nreserve = 1', /line 1: \[disk has no "\]"\. Correct/],
    ['[disk] reserve = 1', /line 1: \[disk\] reserve = 1 has more than a comment behind the "\]"/],
    ['[disk]\n= 5', /line 2: "= 5" has no key in front of the "="/],
    ['[disk]\n  = 5 ; GB', /line 2: "= 5 ; GB" has no key in front of the "="/],
    ['[disk]\n"" = 5', /line 2: .* has no key in front of the "="/],
    ['[disk]\n__proto__[] = 1', /\[disk\] __proto__\[\] is not a key of this section, allowed are initial_size/],
    ['[disk.x]\nreserve = 1', /\[disk\.x\] is not a section, allowed are disk, time/],
    ["[disk]\nmax_workload = 'ten'", /\[disk\] max_workload = "ten": must be a number such as 10/],
    ["[disk]\nmax_workload = '10", /line 2: \[disk\] max_workload = "'10" is no text in quotation marks: close/],
    ['[disk]\nmax_workload = "10" GB', /line 2: .* is no text in quotation marks/],
    ['[shutdown]\nfile = "/a\\x"', /line 2: .* between double ones write \\" and \\\\ for " and \\/],
    ['[shutdown]\nfile = "/a\\u0000"', /\[shutdown\] file = "\/a\\u0000": must have no control characters/],
    ['[disk]\npaths = "/a", "/b"', /line 2: .* write one pair of marks around all of it, as in "\/a, \/b", or none/],
    ["[disk]\npaths = '/a', '/b'", /line 2: .* write one pair of marks around all of it/],
    ["[disk]\npaths = '/a' '/b' ; two", /line 2: .* write one pair of marks around all of it/],
    ['[disk]\npaths = "/a" /b', /line 2: .* write one pair of marks around all of it/],
    ['[shutdown]\nfile = "/a\\"', /line 2: .* close the quotation mark/],
    [`[disk]\nmax_workload = 1${'0'.repeat(26)}`, /max_workload = "10{26}": must be 1000000 or less/],
    [`[disk]\nreserve = ${'9'.repeat(400)}`, /\[disk\] reserve = "9+…?.*: must be 1000000 or less/],
    ['[disk]\ninitial_size = 1000000.1', /\[disk\] initial_size = "1000000.1": must be 1000000 or less/],
    ['[disk]\nmax_workload = 0.0000000001', /\[disk\] max_workload = .*: must be a byte \(0\.000000001\) or more/],
    ['[time]\nmax_workload = 1000000000', /\[time\] max_workload = "1000000000": must be 999999999 or less/],
    ['[time]\nno_progress = 1e9', /\[time\] no_progress = "1e9": must be a whole number/],
    ['[ssh]\nport = null', /\[ssh\] port = "null": must be a whole number/],
  ])('refuses %j and says what is allowed', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it.each(['\uFEFF[disk]\nreserve = 1', '[disk] ; limits\nreserve = 1', '[ disk ] # limits\r\nreserve = 1'])(
    'is read as editors and people write it: %j',
    (text) => {
      expect(parse(text).disk.reserveBytes).toBe(1_000_000_000);
    },
  );

  it.each([
    ["[disk]\nmax_workload = '10'", { maxWorkloadBytes: 10_000_000_000 }],
    ["[disk]\nmax_workload = '10' ; GB", { maxWorkloadBytes: 10_000_000_000 }],
    ['[disk]\nmax_workload = "10" # GB', { maxWorkloadBytes: 10_000_000_000 }],
    ["[disk]\npaths = '/a;b, /c'", { paths: ['/a;b', '/c'] }],
    ["['disk']\n'method' = 'statfs'", { method: 'statfs' }],
  ] as const)('takes a value in quotation marks of either kind for the text between them: %j', (text, disk) => {
    expect(parse(text).disk).toMatchObject(disk);
  });

  it.each([
    ["'/tmp/it's'", "/tmp/it's"],
    ["'/tmp/it's' ; the user's", "/tmp/it's"],
    ["'/tmp/rock'n'roll'", "/tmp/rock'n'roll"],
    ["'/tmp/the users' file'", "/tmp/the users' file"],
    ["'/tmp/''", "/tmp/'"],
    ["'/tmp/it's;b'#c", "/tmp/it's;b"],
    ["'/a' ; don't", '/a'],
    ["/tmp/it's", "/tmp/it's"],
    ['"/tmp/it\'s"', "/tmp/it's"],
    ['"/tmp/12"-disk"', '/tmp/12"-disk'],
    ['"/tmp/a\\"b"c"', '/tmp/a"b"c'],
  ])('takes a quotation mark inside of a value in quotation marks for itself: %s', (written, file) => {
    expect(parse(`[shutdown]\nfile = ${written}`).shutdownFile).toBe(file);
  });

  it('takes the largest numbers that it allows', () => {
    expect(parse('[disk]\nmax_workload = 1000000').disk.maxWorkloadBytes).toBe(1e15);
    expect(parse('[time]\nmax_workload = 999999999').maxTimeSeconds).toBe(999_999_999);
    expect(parse('[disk]\nmax_workload = 0.000000001').disk.maxWorkloadBytes).toBe(1);
  });

  it('takes a switch and a user in single quotes for what they say', () => {
    expect(parse("[memory]\nreport_oom = 'false'").reportOom).toBe(false);
    expect(parse("[workload]\nuser = 'true'").workloadUser).toBe('true');
  });

  it.each([
    '[disk]\nx\u001b[31m = 1',
    '[d\u001b[2J]\nx = 1',
    '[d\u001b[2J',
    '[disk] \u001b[2J',
    'x\u001b[31m = 1',
    '[disk]\n"x\\u001b" = 1',
    '[disk]\nx\u001b = 1\nx\u001b = 2',
    '[disk]\nx\u009b31m',
    '[disk]\n\u009b = "1',
    '[disk]\nreserve = \u202e1',
    '[shutdown]\nfile = /a\u009b',
  ])('sends no control character of %j to the terminal that shows the message', (text) => {
    expect(refusal(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/u);
  });

  it('names some of the faults of a file of another kind, each of them short', () => {
    const message = refusal(`[disk]\n${`${'x'.repeat(5_000)}=\n`.repeat(2_000)}`);
    expect(message.length).toBeLessThan(10_000);
    expect(message).toContain('and 1979 faults more');
  });

  it('tells of everything that is wrong at once', () => {
    const message = refusal('[disk]\nmax_workload = x\n[time]\nlast_words = y');
    expect(message).toContain('max_workload = "x"');
    expect(message).toContain('last_words = "y"');
  });

  it('decides the limits; the environment may only lower them', () => {
    const text = '[disk]\nmax_workload = 4\n[time]\nmax_workload = 100';
    const lower = parse(text, { WORKLOAD_MAX_DISK: '2.5', WORKLOAD_MAX_TIME: '60' });
    expect([lower.disk.maxWorkloadBytes, lower.maxTimeSeconds]).toEqual([2_500_000_000, 60]);
    const higher = parse(text, { WORKLOAD_MAX_DISK: '9', WORKLOAD_MAX_TIME: '900' });
    expect([higher.disk.maxWorkloadBytes, higher.maxTimeSeconds]).toEqual([4_000_000_000, 100]);
    expect(refusal(text, { WORKLOAD_MAX_DISK: 'much' })).toContain('WORKLOAD_MAX_DISK is "much"');
  });

  it('lies below WIP_AGENT_ROOT with everything the agent writes, and SSH hides on loopback', () => {
    expect(locateConfig({ WIP_AGENT_ROOT: '/a' })).toEqual({ file: '/a/etc/buildcontainer/config.ini', root: '/a' });
    expect(locateConfig({ WIP_AGENT_ROOT: '/a', WIP_AGENT_CONFIG: '/c.ini' }).file).toBe('/c.ini');
    expect(locateConfig({ WIP_AGENT_CONFIG: '/c.ini' }, '/d.ini').file).toBe('/d.ini');
    expect(parse('', {}, '/a')).toMatchObject({
      disk: { paths: ['/a/'] },
      shutdownFile: '/a/tmp/shutdownContainer',
      socketPath: '/a/run/wip-agent/agent.sock',
      stateDirectory: '/a/var/lib/wip-agent',
      sshHost: '127.0.0.1',
      sshPort: 0,
    });
  });

  it('gives a socket with a long path a short one that is always the same', () => {
    const root = `/${'long/'.repeat(30)}`;
    const path = shortSocketPath(`${root}agent.sock`, root);
    expect(path).toMatch(/^\/tmp\/wip-[0-9a-f]{8}\/agent\.sock$/);
    expect(shortSocketPath(`${root}agent.sock`, root)).toBe(path);
    expect(shortSocketPath('/run/agent.sock', root)).toBe('/run/agent.sock');
  });

  it('is either read or refused with an OperationalError, whatever stands in it', () => {
    const line = fc.oneof(
      fc.constantFrom('[disk]', '[time]', '[__proto__]', 'max_workload = 1', 'paths[] = /', 'a.b = c'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          parse(lines.join('\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(OperationalError);
        }
      }),
    );
  });
});

describe('baseline --write', () => {
  it('changes the one value and leaves the comments', () => {
    const written = withInitialSize(EXAMPLE, '2.345');
    expect(written).toBe(EXAMPLE.replace('= 1.73 ', '= 2.345 '));
    expect(parse(written).disk.initialBytes).toBe(2_345_000_000);
  });

  it.each(['', '[time]\nlast_words = 1\n', '[disk]\nmax_workload = 2\n', '[disk]\ninitial_size=9'])(
    'adds it to %j',
    (text) => {
      expect(parse(withInitialSize(text, '1.5')).disk.initialBytes).toBe(1_500_000_000);
    },
  );
});

describe('the launch environment of an agent', () => {
  it('is refused with the names of what is missing', () => {
    expect(() => readAddresses({ SIGNAL_URL: 'http://x' })).toThrow(/does not have WIP_ENROL_URL, WIP_ENROL/);
    expect(() =>
      readAddresses({ SIGNAL_URL: 'http://x', WIP_ENROL_URL: 'y', WIP_ENROL: 'z', SIGNAL_BODY: '[1]' }),
    ).toThrow(/SIGNAL_BODY/);
  });
});

describe('the command line', () => {
  it.each([
    [[], { kind: 'run' }],
    [['run', '--config', 'x'], { kind: 'run', configFile: 'x' }],
    [['--config=x'], { kind: 'run', configFile: 'x' }],
    [['baseline', '--write', 'f'], { kind: 'baseline', writeFile: 'f' }],
    [['--version'], { kind: 'version' }],
    [['build', 'run', '--help'], { kind: 'build', argv: ['run', '--help'] }],
    [['health', '--write', 'f'], { kind: 'usage-error' }],
    [['run', '--config'], { kind: 'usage-error' }],
    [['dance'], { kind: 'usage-error' }],
    [['--help'], { kind: 'help' }],
  ])('%j', (argv, command) => {
    expect(readArguments(argv)).toMatchObject(command);
  });
});

describe('DEVELOPER_SSH_KEY', () => {
  const KEY = createSshKeyPair().publicLine;

  it('may be a public key with a comment, or nothing', () => {
    expect(readDeveloperKey({ DEVELOPER_SSH_KEY: `${KEY} me@home\n` })).toBe(`${KEY} me@home`);
    expect(readDeveloperKey({ DEVELOPER_SSH_KEY: '' })).toBeUndefined();
    expect(readDeveloperKey({})).toBeUndefined();
  });

  it.each([
    ['a word', 'key'],
    ['two keys', `${KEY}\n${KEY}`],
    ['options before the key', `command="true" ${KEY}`],
    ['another type than its bytes', KEY.replace('ssh-ed25519', 'ssh-rsa')],
    ['a private key', createSshKeyPair().privateKey],
  ])('is refused before anything starts when it is %s', (_what, text) => {
    expect(() => readDeveloperKey({ DEVELOPER_SSH_KEY: text })).toThrow(
      'DEVELOPER_SSH_KEY is not an OpenSSH public key',
    );
  });
});
