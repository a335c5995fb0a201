import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperationalError } from '../../../shared/model/error.ts';
import { inspectEcsConfig, readEcsConfig, type EcsConfig } from '../../../controlplane/ecs/config/ecs-config.ts';
import { environmentSource } from '../../../controlplane/ecs/config/environment-source.ts';
import { parseYamlSource } from '../../../controlplane/ecs/config/yaml-source.ts';

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
    const { containerDefinitions, volumes } = read().settingsFor({ kind: 'BuildSteps' });
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
    expect(config.settingsFor({ kind: 'Canary' }).containerDefinitions[0]).toMatchObject({
      name: 'build',
      image: 'build:7',
      memory: 128,
      cpu: 512,
    });
    expect(config.settingsFor({ kind: 'BuildSteps' }).containerDefinitions[0]).toMatchObject({
      image: 'build:7',
      memory: 4096,
    });
  });

  it.each<[string, string, RegExp]>([
    [
      'a key that is not known',
      'default:\n  containerDefinitions:\n    - image: a\n      memroy: 3\n',
      /site\.yml line 4, default\.containerDefinitions\.0\.memroy is not known, did you mean memory\? Allowed: name, image,/,
    ],
    [
      'a key that is not known at the top',
      'defaults: {}\n',
      /site\.yml line 1, defaults is not known, did you mean default\? Allowed: naming, default, overrides, clusters/,
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

  it.each<[string, string, RegExp]>([
    [
      'says what a misspelt key was meant to be',
      'default:\n  containerDefinitions:\n    - memroy: 3\n',
      /memroy is not known, did you mean memory\?/,
    ],
    [
      'also where only Amazon ECS knows the keys',
      'default:\n  proxyConfiguration: {containerName: a, typ: APPMESH}\n',
      /site\.yml line 2, default\.proxyConfiguration\.typ is not known to Amazon ECS/,
    ],
    [
      'and what type such a value has',
      'default:\n  containerDefinitions:\n    - interactive: 1\n',
      /default\.containerDefinitions\.0\.interactive: expected true or false/,
    ],
    [
      'and that a launch is not told by whom it was started',
      'default: {runTask: {startedBy: me}}\n',
      /default\.runTask\.startedBy: is set by Wip at each launch/,
    ],
    ['and a tag of AWS', 'default: {runTask: {tags: [{key: "aws:x", value: y}]}}\n', /must not begin with aws:/],
    [
      'and a tag that is there twice',
      'default: {runTask: {tags: [{key: x, value: y}, {key: x, value: z}]}}\n',
      /default\.runTask\.tags: names a key twice/,
    ],
    [
      'and too many tags',
      `default: {runTask: {tags: [${Array.from({ length: 49 }, (_, n) => `{key: k${n}, value: v}`).join(', ')}]}}\n`,
      /default\.runTask\.tags: .*48/,
    ],
  ])('%s', (_name, site, message) => {
    expect(messageOf(site)).toMatch(message);
  });

  it('passes on what Amazon ECS knows and says that it has not looked at it', () => {
    const site = 'default:\n  enableFaultInjection: false\n  containerDefinitions:\n    - interactive: true\n';
    const { config, warnings } = inspectEcsConfig([
      parseYamlSource('config.ecs.yml', SHIPPED),
      parseYamlSource('site.yml', site),
    ]);
    expect(config?.settingsFor({ kind: 'BuildSteps' })).toMatchObject({
      enableFaultInjection: false,
      containerDefinitions: [{ interactive: true }],
    });
    const message = 'is passed on to Amazon ECS; only its type was checked';
    expect(warnings).toEqual([
      { where: 'site.yml line 4', path: 'default.containerDefinitions.0.interactive', message },
      { where: 'site.yml line 2', path: 'default.enableFaultInjection', message },
    ]);
  });

  it('warns of a container without an init', () => {
    const site = 'default:\n  containerDefinitions:\n    - linuxParameters: { initProcessEnabled: false }\n';
    const { warnings } = inspectEcsConfig([
      parseYamlSource('config.ecs.yml', SHIPPED),
      parseYamlSource('site.yml', site),
    ]);
    expect(warnings).toMatchObject([{ where: 'site.yml line 3', message: expect.stringContaining('process 1') }]);
  });

  it('tells a mistake in the default once, and not for each kind again', () => {
    const site = 'default: {networkMode: x}\noverrides: {A: {family: a}, B: {family: b}}\n';
    expect(messageOf(site).match(/networkMode/g)).toHaveLength(1);
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
