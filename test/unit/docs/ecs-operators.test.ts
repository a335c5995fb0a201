import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../controlplane/ecs/examine/permissions.ts';
import { readDocument, tableAfter } from './documents.ts';
import { productSources } from './product-sources.ts';

const README = readDocument('controlplane/ecs/README.md');
const ECS_ROOMS = /^controlplane\/(ecs|clusters|engine\/(sweep|container))\//;

const firstCells = (heading: string): string[] => tableAfter(README, heading).map(([cell = '']) => cell);

describe('the rights in the README for operators', () => {
  it('are those of the table that wipctl ecs check goes through', () => {
    const rows = tableAfter(README, 'Rights').map(([action, , why]) => [action, why]);
    expect(rows).toEqual(PERMISSIONS.map(({ action, why }) => [action, why]));
  });
});

describe('the messages in the README for operators', () => {
  it('are those that a node logs about AWS and containers', () => {
    const logged = productSources()
      .filter(({ path }) => ECS_ROOMS.test(path))
      .flatMap(({ text }) => [...text.matchAll(/log\.(?:warn|error)\([\s\S]*?'([^']+)',?\s*\)/g)])
      .map(([, message = '']) => message);
    expect(logged.length).toBeGreaterThan(5);
    expect([...new Set(logged)].toSorted()).toEqual(firstCells('What to watch').toSorted());
  });
});
