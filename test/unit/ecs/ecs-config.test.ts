import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperationalError } from '../../../shared/model/error.ts';
import { mergeSettings, readEcsConfig, type EcsConfig } from '../../../controlplane/ecs/ecs-config.ts';
import { environmentSource } from '../../../controlplane/ecs/environment-source.ts';
import { parseYamlSource } from '../../../controlplane/ecs/yaml-source.ts';

const SHIPPED = readFileSync(new URL('../../../config/config.ecs.yml', import.meta.url), 'utf8');

function read(site = '', environment: Record<string, string> = {}): EcsConfig {
  const sources = [parseYamlSource('config.ecs.yml', SHIPPED)];
  if (site !== '') sources.push(parseYamlSource('site.yml', site));
  return readEcsConfig([...sources, environmentSource(environment)]);
}

function messageOf(site: string, environment?: Record<string, string>): string {
  try {
    read(site, environment);
  } catch (error) {
    if (error instanceof OperationalError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
  return 'accepted';
}

describe('the ECS configuration', () => {
  it('ships with the ports, the volume, the memory and the init that a build needs', () => {
    const { containerDefinitions, volumes } = read().settingsFor('BuildSteps');
    expect(containerDefinitions[0]).toMatchObject({
      name: 'build',
      memory: 4096,
      cpu: 0,
      portMappings: [{ containerPort: 22 }, { containerPort: 8007 }],
      mountPoints: [{ sourceVolume: 'pipelines_config', containerPath: '/etc/pipelines_config', readOnly: true }],
      linuxParameters: { initProcessEnabled: true },
    });
    expect(volumes).toEqual([{ name: 'pipelines_config', host: { sourcePath: '/ecs/pipelines_config' } }]);
  });

  it('lets a site name no more than the image, a kind no more than its memory, and the environment the last word', () => {
    const site =
      'default:\n  containerDefinitions:\n    - image: build:7\noverrides:\n  Canary:\n    containerDefinitions:\n      - memory: 128\n';
    const config = read(site, { WIP_ECS__default__containerDefinitions__0__cpu: '512' });
    expect(config.settingsFor('Canary').containerDefinitions[0]).toMatchObject({
      name: 'build',
      image: 'build:7',
      memory: 128,
      cpu: 512,
    });
    expect(config.settingsFor('BuildSteps').containerDefinitions[0]).toMatchObject({ image: 'build:7', memory: 4096 });
  });

  it.each<[string, string, RegExp]>([
    [
      'a key that is not known',
      'default:\n  containerDefinitions:\n    - image: a\n      memroy: 3\n',
      /site\.yml line 4, default\.containerDefinitions\.0\.memroy is not known; allowed: name, image,/,
    ],
    [
      'a key that is not known at the top',
      'defaults: {}\n',
      /site\.yml line 1, defaults is not known; allowed: naming, default, overrides/,
    ],
    [
      'a wrong type',
      'default:\n  containerDefinitions:\n    - memory: much\n',
      /site\.yml line 3, default\.containerDefinitions\.0\.memory: .*expected number/,
    ],
    [
      'an override that makes it wrong',
      'overrides:\n  Canary:\n    networkMode: telepathy\n',
      /site\.yml line 3, overrides\.Canary\.networkMode: /,
    ],
    ['broken YAML', 'default: [1\nb: 2', /site\.yml line 2 is not YAML: /],
    ['something that is no mapping', '- 1\n', /the whole file: .*expected object/],
  ])('names file, line and path of %s', (_name, site, message) => {
    expect(messageOf(site)).toMatch(message);
  });

  it('names the variable that is wrong', () => {
    expect(messageOf('', { WIP_ECS__default__networkMode: 'smoke' })).toMatch(
      /the variable WIP_ECS__default__networkMode, default\.networkMode: /,
    );
    expect(messageOf('', { WIP_ECS__defualt__family: 'x' })).toMatch(
      /the variable WIP_ECS__defualt__family, defualt is not known/,
    );
  });

  it('reports everything that is wrong at once', () => {
    expect(messageOf('default:\n  netwrkMode: x\n  cpu: 1\n')).toMatch(/netwrkMode.*cpu|cpu.*netwrkMode/);
  });

  it('reads any text whatever or says what is wrong with it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void messageOf(text)),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.json(), (text) => void messageOf(text)),
      { numRuns: 300 },
    );
  });
});

describe('laying settings over each other', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['mappings key by key', { a: 1, b: { c: 1 } }, { b: { d: 2 } }, { a: 1, b: { c: 1, d: 2 } }],
    ['lists of mappings item by item', [{ a: 1 }, { b: 1 }], [{ a: 2 }], [{ a: 2 }, { b: 1 }]],
    ['longer lists of mappings', [{ a: 1 }], [{}, { b: 1 }], [{ a: 1 }, { b: 1 }]],
    ['lists of values as a whole', ['a', 'b'], ['c'], ['c']],
    ['positions over lists', ['a', 'b'], { 1: 'c' }, ['a', 'c']],
    ['a value over a mapping', { a: 1 }, 2, 2],
    ['nothing', { a: 1 }, undefined, { a: 1 }],
  ])('%s', (_name, below, above, merged) => {
    expect(mergeSettings(below, above)).toEqual(merged);
  });
});
