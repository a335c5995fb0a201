// No piece of a text in an operator's file is lost in silence. The same for build files:
// test/unit/build/text-kept.test.ts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../controlplane/config.ts';
import { readEcsConfig } from '../../../controlplane/ecs/config/ecs-config.ts';
import { parseYamlSource } from '../../../controlplane/ecs/config/yaml-source.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'wip-config-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function load(text: string): ReturnType<typeof loadConfig> {
  const file = join(directory, 'controlplane.yml');
  writeFileSync(file, text);
  return loadConfig({ file, environment: {} });
}

describe('controlplane.yml', () => {
  it.each([
    ['build_tool: ! my-tool', /line 1, column 13: YAML reads "!" as a tag .*: '! my-tool'/],
    ['build_tool: !x my-tool', /unknown scalar tag/],
    ['build_tool: &x my-tool', /line 1, column 13: YAML reads "&x" as an anchor .*: '&x my-tool'/],
    ['build_tool: *x', /unidentified alias/],
    ['%TAG ! tag:x,2000:\n---\nport: 1', /line 1, column 1: there are no tags of its own here/],
    ['port:', /port: it is empty; give a value, or remove the line/],
    ['port: ~', /port: it is empty/],
    ['port: yes', /port: /],
    ['port: 1e9', /port: must be a whole number from 0 to 65535, not 1000000000/],
    ['port: true', /port: it must be a number, not true/],
    ['port: ""', /port: it must be a number, not ""/],
    ['port: "0x10"', /port: it must be a number, not "0x10"/],
    ['port: "1e3"', /port: it must be a number, not "1e3"/],
    ['port: [8090]', /port: it must be one value/],
    ['lease_seconds: true', /lease_seconds: it must be a number, not true/],
    ['site: 1.10', /site: must be a text/],
    ['allow_http: on', /allow_http: /],
    ['port: 1\nport: 2', /duplicated mapping key/],
    ['port: 1\n---\nport: 2', /expected a single document/],
    ['__proto__: {port: 1}', /unknown key __proto__/],
    ['- port', /it is not a mapping/],
  ])('%j is an error that says so', (text, expected) => {
    expect(() => load(`${text}\n`)).toThrow(expected);
  });

  it.each([
    ['port: 8091', 8091],
    ['port: "8091"', 8091],
    ['port: &port 8091\nlease_seconds: *port', null],
    ['\uFEFFport: 8091\r\n', 8091],
  ])('%j is read', (text, port) => {
    if (port === null) expect(() => load(text)).toThrow(/lease_seconds/);
    else expect(load(text).port).toBe(port);
  });
});

describe('a variable of the environment', () => {
  it.each(['0x10', '1e3', '+1', ' 1', '1 ', ' ', 'Infinity'])(
    'that has %j for a number is refused by its name',
    (text) => {
      expect(() => loadConfig({ environment: { WIP_PORT: text } })).toThrow(
        `WIP_PORT: it must be a number, not ${JSON.stringify(text)}`,
      );
    },
  );

  it('has a number in decimal digits, with a fraction where the setting has one; an empty one is none', () => {
    const environment = { WIP_PORT: '08091', WIP_SWEEP_SECONDS: '0.5', WIP_LEASE_SECONDS: '' };
    expect(loadConfig({ environment })).toMatchObject({ port: 8091, sweep_seconds: 0.5, lease_seconds: 30 });
    expect(() => loadConfig({ environment: { WIP_PORT: '-1' } })).toThrow(/WIP_PORT: must be a whole number from 0/);
  });
});

describe('config.ecs.yml', () => {
  const file = (command: string): string =>
    `naming: {namespace: n, customer: c}\ndefault:\n  containerDefinitions:\n    - name: a\n      image: i\n      command:\n        - ${command}\n`;

  it('a leading ! is not dropped from a command', () => {
    expect(() => parseYamlSource('config.ecs.yml', file('! grep -q x'))).toThrow(
      /config\.ecs\.yml .*line 7, column 11: YAML reads "!" as a tag .*: '! grep -q x'/,
    );
    const source = parseYamlSource('config.ecs.yml', file("'! grep -q x'"));
    expect(readEcsConfig([source]).settingsFor({ kind: 'any' }).containerDefinitions[0]?.command).toEqual([
      '! grep -q x',
    ]);
  });

  it.each(['1.10', 'yes: no', 'true', '2020', '~', '[a]'])(
    'a command is text, and %s is not made into one',
    (command) => {
      expect(() => readEcsConfig([parseYamlSource('config.ecs.yml', file(command))])).toThrow(/line 7/);
    },
  );
});
