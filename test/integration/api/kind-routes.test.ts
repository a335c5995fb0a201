import { describe, expect, it } from 'vitest';
import { KindTableAnswer } from '../../../controlplane/api/kinds/kind-views.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();

describe('the kinds of tasks', () => {
  it('are listed, and a table has its states with their part in the life of a task', async () => {
    const { kinds } = (await http.call('viewer', 'GET /v1/kinds')).json<{ kinds: { kind: string }[] }>();
    expect(kinds).toContainEqual({ kind: 'BuildSteps' });
    const table = KindTableAnswer.parse((await http.call('viewer', 'GET /v1/kinds/BuildSteps/table')).json());
    expect(table).toMatchObject({ kind: 'BuildSteps', start: 'start' });
    expect(table.states.find(({ name }) => name === 'exportBuildFileAsJson')).toMatchObject({
      ...{ block: 'work', method: 'checkBuildFileExport', timer: 'user' },
      rows: expect.arrayContaining([
        { value: 'success', target: 'executeBuildScript', waitSeconds: 0, maxTimes: 0, runsTarget: true },
      ]),
    });
  });

  it('have a layout in which each state has a place of its own, within the drawing', async () => {
    const { states, layout } = KindTableAnswer.parse(
      (await http.call('viewer', 'GET /v1/kinds/BuildSteps/table')).json(),
    );
    const placed = new Map(layout.nodes.map((node) => [node.state, node]));
    for (const { name } of states) {
      const node = placed.get(name);
      expect(node, name).toBeDefined();
      expect(node!.x).toBeGreaterThan(0);
      expect(node!.x).toBeLessThan(layout.width);
      expect(node!.y).toBeLessThan(layout.height);
    }
    expect(new Set(layout.nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(layout.nodes.length);
    expect(placed.get('start')!.y).toBeLessThan(placed.get('finish')!.y);
    const edge = layout.edges.find(({ from, to }) => from === 'containerWipStart' && to === 'containerWipInvoke');
    expect(edge?.values).toEqual(['*']);
    expect(edge!.points.length % 3).toBe(2);
  });

  it('answer 404 for one that nobody has installed', async () => {
    expect(await http.refusal('viewer', 'GET /v1/kinds/Nothing/table')).toEqual([404, 'KIND_UNKNOWN']);
  });
});
