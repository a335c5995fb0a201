import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHooks } from '../../../controlplane/hooks/hooks-file.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'wip-hooks-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe('the file of webhooks', () => {
  it('is read with the files that it names, whose paths are relative to it', () => {
    file('secret', 'new\nold\n');
    file('token', 'ghp_1\n');
    file('key', 'KEY\n');
    const path = file(
      'hooks.yml',
      `github:
  - repository: [acme/app, acme/site]
    secret_file: secret
    events: [push, pull_request]
    branches: main
    clone: ssh
    group: apps
    priority: HIGH
    options: {deployVcsUri: "git@github.com:acme/artefacts.git"}
    option_files: {applicationPrivateKey: key}
    status: {token_file: token}
gitlab:
  - {repository: acme/*, secret_file: secret}
`,
    );
    const [github, gitlab] = readHooks({ hooks_file: path });
    expect(github).toMatchObject({
      service: 'github',
      repositories: ['acme/app', 'acme/site'],
      events: ['push', 'pull_request'],
      branches: ['main'],
      forks: false,
      clone: 'ssh',
      group: 'apps',
      priority: 'HIGH',
      options: { deployVcsUri: 'git@github.com:acme/artefacts.git', applicationPrivateKey: 'KEY' },
      status: { endpoint: 'https://api.github.com', context: 'wip' },
    });
    expect(github?.secrets.map((secret) => secret.reveal())).toEqual(['new', 'old']);
    expect(github?.status?.token.reveal()).toBe('ghp_1');
    expect(gitlab).toMatchObject({ service: 'gitlab', events: ['push'], branches: [], clone: 'https', status: null });
  });

  it('gives an entry the same id whatever its secrets are, and entries for the same deliveries one each', () => {
    for (const name of ['one', 'two', 'three']) file(name, `of ${name}`);
    const idsOf = (...secrets: string[]): string[] => {
      const entries = secrets.map((secret) => `  - {repository: acme/app, ${secret}}\n`).join('');
      return readHooks({ hooks_file: file('hooks.yml', `github:\n${entries}gitlab:\n${entries}`) }).map(({ id }) => id);
    };
    const [first, second, ...ofGitlab] = idsOf('secret_file: one', 'secret_file: two');
    expect(second).not.toBe(first);
    expect(ofGitlab).toEqual([first, second]);
    expect(idsOf('secret_file: three', 'secret: in place').slice(0, 2)).toEqual([first, second]);
    expect(idsOf('secret: in place')[0]).toBe(first);
  });

  it('without entries takes no webhooks', () => {
    expect(readHooks({ hooks_file: file('hooks.yml', '') })).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    ['an unknown key', 'github:\n  - {repository: a/b, secret_file: s, evnts: [push]}', /evnts/],
    ['an unknown event', 'github:\n  - {repository: a/b, secret_file: s, events: [tag]}', /hooks\.yml line 2.*events/],
    ['no secret', 'github:\n  - repository: a/b', /line 2: secret or secret_file is missing/],
    [
      'a secret in two places',
      'github:\n  - {repository: a/b, secret_file: s, secret: t}',
      /line 2: secret and secret_file are given both/,
    ],
    [
      'a secret file that is not there',
      'github:\n  - {repository: a/b, secret_file: none}',
      /line 2: none cannot be read/,
    ],
    ['an empty secret file', 'github:\n  - {repository: a/b, secret_file: empty}', /line 2: empty holds no secret/],
    [
      'an option that BuildSteps has not',
      'github:\n  - {repository: a/b, secret_file: s, options: {deployUri: x}}',
      /line 2: .*deployUri/,
    ],
    [
      'an option that the webhook gives',
      'github:\n  - {repository: a/b, secret_file: s, options: {vcsPath: main}}',
      /line 2: options vcsPath: the webhook gives them/,
    ],
    [
      'an address of statuses with a password, which everybody would see in the options of tasks',
      'github:\n  - {repository: a/b, secret_file: s, status: {token: t, endpoint: "https://u:pw@x"}}',
      /status\.endpoint must be an address without user/,
    ],
    ['no YAML', 'github: [', /hooks\.yml line \d+ is not YAML/],
  ])('is refused for %s', (_what, text, message) => {
    file('s', 'x');
    file('empty', '\n');
    expect(() => readHooks({ hooks_file: file('hooks.yml', text) })).toThrow(message);
  });

  it('says everything that is wrong at once', () => {
    const text = 'github:\n  - {repository: a/b, secret_file: one}\ngitlab:\n  - {repository: a/b, secret_file: two}\n';
    expect(() => readHooks({ hooks_file: file('hooks.yml', text) })).toThrow(/line 2: one cannot.*line 4: two cannot/);
  });
});

describe('webhooks without a file', () => {
  const TEXT = `github:
  - repository: acme/app
    secret: |
      new
      old
    options:
      applicationPrivateKey: KEY
    status: {token: ghp_1}
`;

  it('have secrets and tokens in their text', () => {
    const [hook] = readHooks({ hooks: TEXT });
    expect(hook?.secrets.map((secret) => secret.reveal())).toEqual(['new', 'old']);
    expect(hook?.status?.token.reveal()).toBe('ghp_1');
    expect(hook?.options).toEqual({ applicationPrivateKey: 'KEY' });
  });

  it('are none for a text that says nothing, and without a setting', () => {
    expect(readHooks({ hooks: '# to be written\n' })).toEqual([]);
    expect(readHooks({})).toEqual([]);
  });

  it.each(['"planted', '!planted x', '*planted', '! planted', '&planted x', '@planted', '%planted: [', '{planted: {'])(
    'show no secret where they are no YAML: %s',
    (secret) => {
      const read = (): unknown => readHooks({ hooks: `github:\n  - repository: a/b\n    secret: ${secret}\n` });
      expect(read).toThrow(/^the setting hooks line \d+(, column \d+)? is not YAML; what stands there is not shown/);
      expect(read).not.toThrow(/planted/);
    },
  );

  it('name no files, and are not given in two ways', () => {
    expect(() => readHooks({ hooks: 'github:\n  - {repository: a/b, secret_file: s}' })).toThrow(
      /The webhooks of the setting hooks are not valid: .*line 2: the setting hooks has no files beside it: give what s holds/,
    );
    expect(() => readHooks({ hooks: TEXT, hooks_file: 'hooks.yml' })).toThrow(
      /given twice, by hooks_file and by hooks/,
    );
  });
});
