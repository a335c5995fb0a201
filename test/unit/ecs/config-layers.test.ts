import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layOver, plainOf, type Layered, type LayerProblem } from '../../../controlplane/ecs/config/config-layers.ts';
import { inspectEcsConfig, readEcsConfig } from '../../../controlplane/ecs/config/ecs-config.ts';
import { environmentSource } from '../../../controlplane/ecs/config/environment-source.ts';
import { parseYamlSource, type ConfigSource } from '../../../controlplane/ecs/config/yaml-source.ts';

const SHIPPED = readFileSync(new URL('../../../config/config.ecs.yml', import.meta.url), 'utf8');
const shippedLine = (text: string): string =>
  `config.ecs.yml line ${SHIPPED.split('\n').findIndex((line) => line.trimStart().startsWith(text)) + 1}`;
const shipped = (): ConfigSource => parseYamlSource('config.ecs.yml', SHIPPED);

/** Lays values over each other and returns the result, with what was wrong. */
function lay(...layers: readonly unknown[]): { value: unknown; problems: string[] } {
  const problems: LayerProblem[] = [];
  const laid = layers.reduce<Layered | undefined>((below, data, index) => {
    const source = { name: `layer ${index}`, data, locationOf: () => null };
    return layOver(below, data, { path: ['x'], source, problems });
  }, undefined);
  return {
    value: laid && plainOf(laid),
    problems: problems.map(({ path, message }) => `${path.join('.')}: ${message}`),
  };
}

describe('laying settings over each other', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['mappings key by key', { a: 1, b: { c: 1 } }, { b: { d: 2 } }, { a: 1, b: { c: 1, d: 2 } }],
    ['lists of mappings item by item', [{ a: 1 }, { b: 1 }], [{ a: 2 }], [{ a: 2 }, { b: 1 }]],
    ['longer lists of mappings', [{ a: 1 }], [{}, { b: 1 }], [{ a: 1 }, { b: 1 }]],
    ['lists of values as a whole', ['a', 'b'], ['c'], ['c']],
    ['positions over lists', ['a', 'b'], { 1: 'c' }, ['a', 'c']],
    ['a value over a mapping', { a: 1 }, 2, 2],
    ['nothing', { a: 1 }, undefined, { a: 1 }],
    ['null takes a key away', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['null takes an item away, and the others move up', [{ a: 1 }, { b: 1 }], [null], [{ b: 1 }]],
    ['null takes an item away by its position', ['a', 'b'], { 0: null }, ['b']],
    ['an empty list is an empty list', { v: [{ a: 1 }] }, { v: [] }, { v: [] }],
    ['$replace puts a list in the place of another', [{ a: 1 }, { b: 1 }], { $replace: [{ c: 1 }] }, [{ c: 1 }]],
    ['$replace puts a mapping in the place of another', { a: 1 }, { $replace: { b: 1 } }, { b: 1 }],
    ['$replace empties a mapping', { v: { a: 1 } }, { v: { $replace: {} } }, { v: {} }],
    ['$replace where there was nothing', {}, { v: { $replace: [1] } }, { v: [1] }],
  ])('%s', (_name, below, above, expected) => {
    expect(lay(below, above)).toEqual({ value: expected, problems: [] });
  });

  it.each<[string, unknown, unknown, RegExp]>([
    ['null where nothing is', { a: 1 }, { b: null }, /^x\.b: there is nothing below it that null could remove$/],
    ['an item that is not there', [{ a: 1 }], [{ a: 2 }, null], /^x\.1: there is nothing below it/],
    ['null among the values of a list', { v: ['a'] }, { v: ['b', null] }, /^x\.v\.1: there is nothing below it/],
    ['an empty mapping', { a: { b: 1 } }, { a: {} }, /^x\.a: an empty mapping changes nothing here; write null/],
    [
      '$replace beside another key',
      { a: {} },
      { a: { $replace: {}, b: 1 } },
      /^x\.a: \$replace stands alone .*not beside b$/,
    ],
    ['$replace with a single value', { a: [1] }, { a: { $replace: 2 } }, /^x\.a: \$replace takes a list or a mapping$/],
    ['a position after the end', [{ a: 1 }], { 5: { b: 1 } }, /^x\.5: the list ends before position 5$/],
  ])('what would change nothing is told: %s', (_name, below, above, problem) => {
    expect(lay(below, above).problems).toEqual([expect.stringMatching(problem)]);
  });

  it('the same holds over what a third layer brings', () => {
    expect(lay({ v: [{ a: 1 }] }, { v: null }, { v: [{ b: 1 }] })).toEqual({ value: { v: [{ b: 1 }] }, problems: [] });
  });
});

describe('a site file', () => {
  it.each<[string, string]>([
    ['with an empty list', '[]'],
    ['with null', 'null'],
    ['item by item', '[null]'],
    ['with $replace', '{$replace: []}'],
  ])('can take the shipped volume away %s', (_name, value) => {
    const site = `default:\n  volumes: ${value}\n  containerDefinitions:\n    - mountPoints: ${value}\n`;
    const { volumes, containerDefinitions } = readEcsConfig([shipped(), parseYamlSource('site.yml', site)]).settingsFor(
      { kind: 'Any' },
    );
    expect([volumes ?? [], containerDefinitions[0]?.mountPoints ?? []]).toEqual([[], []]);
  });

  it('can take something away for one kind only, and another file can take that back', () => {
    const site = parseYamlSource('site.yml', 'overrides:\n  Canary:\n    volumes: null\n');
    const config = readEcsConfig([shipped(), site]);
    expect(config.settingsFor({ kind: 'Canary' }).volumes).toBeUndefined();
    expect(config.settingsFor({ kind: 'BuildSteps' }).volumes).toHaveLength(1);
    const later = readEcsConfig([shipped(), site, parseYamlSource('later.yml', 'overrides:\n  Canary: null\n')]);
    expect(later.settingsFor({ kind: 'Canary' }).volumes).toHaveLength(1);
  });

  it('a variable takes away and adds what was not there', () => {
    const environment = environmentSource({
      WIP_ECS__default__volumes: 'null',
      WIP_ECS__default__containerDefinitions__0__mountPoints__0: 'null',
      WIP_ECS__default__placementConstraints__0__type: 'distinctInstance',
    });
    const settings = readEcsConfig([shipped(), environment]).settingsFor({ kind: 'Any' });
    expect(settings.volumes).toBeUndefined();
    expect(settings.containerDefinitions[0]?.mountPoints).toEqual([]);
    expect(settings.placementConstraints).toEqual([{ type: 'distinctInstance' }]);
  });

  it('is told file and line of what changes nothing', () => {
    const site = parseYamlSource(
      'site.yml',
      'default:\n  volume: null\n  containerDefinitions:\n    - linuxParameters: {}\n',
    );
    const { problems } = inspectEcsConfig([shipped(), site]);
    expect(problems.map(({ where, path }) => `${where}, ${path}`)).toEqual([
      'site.yml line 2, default.volume',
      'site.yml line 4, default.containerDefinitions.0.linuxParameters',
    ]);
  });
});

describe('an explanation of settings', () => {
  const site =
    'default:\n  containerDefinitions:\n    - image: build:7\n  volumes: null\noverrides:\n  Canary:\n    containerDefinitions:\n      - memory: 512\n';
  const config = readEcsConfig([
    shipped(),
    parseYamlSource('site.yml', site),
    environmentSource({ WIP_ECS__default__containerDefinitions__0__image: 'build:8' }),
  ]);
  const explained = (path: string) => config.explain().find((setting) => setting.path === path);

  it('says where each value is from and what it covers', () => {
    expect(explained('default.networkMode')).toMatchObject({
      value: 'bridge',
      from: shippedLine('networkMode: bridge'),
      covers: [],
    });
    expect(explained('default.containerDefinitions.0.image')).toEqual({
      path: 'default.containerDefinitions.0.image',
      state: 'set',
      value: 'build:8',
      from: 'the variable WIP_ECS__default__containerDefinitions__0__image',
      covers: [
        { value: 'build:7', from: 'site.yml line 3' },
        { value: 'wip-build:latest', from: shippedLine('image:') },
      ],
    });
  });

  it('says what was taken away', () => {
    expect(explained('default.volumes')).toMatchObject({
      state: 'removed',
      from: 'site.yml line 4',
      covers: [{ from: shippedLine('volumes:') }],
    });
  });

  it('says in what a kind differs, or everything about one kind', () => {
    const differences = config.explain().filter(({ path }) => path.startsWith('overrides.'));
    expect(differences.map(({ path, value, from }) => [path, value, from])).toEqual([
      ['overrides.Canary.containerDefinitions.0.memory', 512, 'site.yml line 8'],
    ]);
    const canary = config
      .explain({ kind: 'Canary' })
      .find(({ path }) => path === 'default.containerDefinitions.0.memory');
    expect(canary).toMatchObject({ value: 512, covers: [{ value: 4096 }] });
  });
});
