import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { CONTROL_PLANE_FIELDS } from '../../../controlplane/config-fields.ts';
import { CommandLine } from '../../kit/programs/command-line.ts';
import { KEEPING_REMOVALS } from '../../promises/keeping.ts';
import { OUTSIDE_REMOVALS } from '../../promises/outside.ts';
import { RIGHTS_REMOVALS } from '../../promises/rights.ts';
import { WIRE_REMOVALS } from '../../promises/wire.ts';
import { allDocuments, brokenLinks, missingSources, readDocument, roomsBelow, tableAfter } from './documents.ts';

const require = createRequire(import.meta.url);
const manifest = require('../../../package.json') as {
  dependencies: Record<string, string>;
  scripts: Record<string, string>;
  version: string;
};
const { forbidden } = require('../../../config/dependency-cruiser.cjs') as { forbidden: { name: string }[] };

const firstCells = (document: string, heading: string): string[] =>
  tableAfter(readDocument(document), heading).map(([cell = '']) => cell);

describe('every document', () => {
  it('has no link that leads nowhere', () => {
    expect(allDocuments().flatMap(brokenLinks)).toEqual([]);
  });

  it('names no source file that is not there', () => {
    expect(allDocuments().flatMap(missingSources)).toEqual([]);
  });

  it('would be caught at either', () => {
    const text =
      'See [this](../nowhere.md#there) and [that](engine/README.md), `store/never.ts` and `store/database.ts`.';
    const document = { path: 'controlplane/README.md', text };
    expect(brokenLinks(document)).toEqual(['controlplane/README.md: ../nowhere.md#there']);
    expect(missingSources(document)).toEqual(['controlplane/README.md: store/never.ts']);
  });

  it('names no npm script that is not there', () => {
    const named = allDocuments().flatMap(({ path, text }) =>
      [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => ({ path, script })),
    );
    expect(named.filter(({ script }) => !Object.hasOwn(manifest.scripts, script))).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  it('has a sentence for each dependency rule, and for no other', () => {
    expect(firstCells('ARCHITECTURE.md', 'Dependency rules').sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  it('has a line for each room, and for no other', () => {
    const described = firstCells('ARCHITECTURE.md', 'The house').filter((room) =>
      /^(agent|controlplane|shared)\/./.test(room),
    );
    expect(described.sort()).toEqual(['agent', 'controlplane', 'shared'].flatMap(roomsBelow).sort());
  });
});

describe('DECISIONS.md', () => {
  it('has a line for each runtime dependency, and for no other', () => {
    expect(firstCells('DECISIONS.md', 'Runtime dependencies').sort()).toEqual(
      Object.keys(manifest.dependencies).sort(),
    );
  });
});

describe('SECURITY.md', () => {
  const promised = /## What is promised today\n([\s\S]*?)\n## /.exec(readDocument('SECURITY.md'))?.[1] ?? '';
  const points = promised.split(/\n(?=\d+\. \*\*)/).slice(1);

  it('names a test beside each point', () => {
    expect(points.length).toBeGreaterThanOrEqual(10);
    const without = points.filter((point) => !/— [\s\S]*\]\(test\/[\w/.-]+\.test\.ts\)/.test(point));
    expect(without.map((point) => point.split('\n')[0])).toEqual([]);
  });

  it('names the test of each promise that can be taken out, beside its point', () => {
    const removals = [...WIRE_REMOVALS, ...KEEPING_REMOVALS, ...RIGHTS_REMOVALS, ...OUTSIDE_REMOVALS];
    const absent = removals.filter(({ point, test }) => !points[point - 1]?.includes(`(${test})`));
    expect(absent.map(({ point, test }) => `${point}: ${test}`)).toEqual([]);
  });

  it('speaks of code that is there: each promise is found once where it is taken out', () => {
    const removals = [...WIRE_REMOVALS, ...KEEPING_REMOVALS, ...RIGHTS_REMOVALS, ...OUTSIDE_REMOVALS];
    const lost = removals.filter(({ file, from }) => readDocument(file).split(from).length !== 2);
    expect(lost.map(({ removed, file }) => `${removed} (${file})`)).toEqual([]);
  });
});

describe("the operator's reference", () => {
  it('has each setting with its default and its sentence, and no other', () => {
    const settings = Object.entries(CONTROL_PLANE_FIELDS).map(([key, field]) => {
      const unset = field.safeParse(undefined);
      const value = unset.success && unset.data !== undefined ? String(unset.data) : '';
      // The only default that differs between nodes.
      return [key, key === 'node' ? 'host name and process id' : value, field.description];
    });
    expect(tableAfter(readDocument('controlplane/README.md'), 'Settings')).toEqual(settings);
  });
});

describe('README.md', () => {
  it('names every command of wipctl', async () => {
    const { out } = await new CommandLine().run('--help');
    const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help');
    expect(commands).toContain('run');
    const text = readDocument('README.md');
    expect(commands.filter((name) => !new RegExp(`(wipctl |\`)${name}\\b`).test(text))).toEqual([]);
  });
});
