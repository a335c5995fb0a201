import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawDot } from '../../../controlplane/statetable/draw-dot.ts';
import { drawSvg } from '../../../controlplane/statetable/draw-svg.ts';
import { drawingOf, type DrawnStep } from '../../../controlplane/statetable/drawing.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { simulateRandomly } from '../../../controlplane/statetable/simulate-random.ts';
import { scriptedMethods, simulate } from '../../../controlplane/statetable/simulate.ts';
import { parseSimulationScript } from '../../../controlplane/statetable/simulation-script.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { anyTable } from './any-table.ts';
import { labelsOf, overlapsOf } from './picture.ts';

const TABLE =
  'a:m [user] {\n wait a wait=60 max=5 exec=false\n * b\n ! failure\n}\nb {\n * finish\n}\nfailure {\n * finish\n}\n';

/** Returns the line of a drawing that names a state or an arrow. */
function lineWith(dot: string, start: string): string {
  return dot.split('\n').find((line) => line.startsWith(`  ${start} [`)) ?? '';
}

/** Returns the path of a script. Each step takes as long as its wait. */
function walk(text: string, script: string): DrawnStep[] {
  const methods = scriptedMethods(parseSimulationScript(script));
  const { recording } = simulate(parseStateTable(text), methods, { maxSteps: 20 });
  return recording.map((step) => ({ ...step, seconds: step.waitSeconds }));
}

describe('drawDot', () => {
  it('shapes start, finish and failure apart and fills by timer', () => {
    const dot = drawDot(parseStateTable(TABLE));
    expect(dot).toContain('":start" -> "a"');
    expect(lineWith(dot, '"finish"')).toContain('shape="doublecircle"');
    expect(lineWith(dot, '"failure"')).toContain('shape="octagon"');
    const fill = /fillcolor="[^"]+"/;
    expect(lineWith(dot, '"a"').match(fill)).not.toEqual(lineWith(dot, '"b"').match(fill));
  });

  it('writes rows that come back, and the `!` row to failure, into the box of their state', () => {
    const dot = drawDot(parseStateTable(TABLE));
    expect(lineWith(dot, '"a"')).toMatch(/wait: ask again, wait 60 s, max 5.*!: failure/);
    expect(dot).not.toContain('"a" -> "a"');
    expect(dot).not.toContain('"a" -> "failure"');
  });

  it('highlights the path of a recording with counts and times and leaves the rest faint', () => {
    const recording = walk(TABLE, "a { 'wait' 'wait' 'ok' } b { '' }");
    const dot = drawDot(parseStateTable(TABLE), { recording });
    expect(lineWith(dot, '"a"')).toMatch(/3× · 2 min.*wait: ask again, wait 60 s, max 5 <B>2×/);
    expect(lineWith(dot, '"a" -> "b"')).toContain('penwidth="2.5"');
    expect(lineWith(dot, '"failure"')).not.toContain('penwidth');
  });

  it('draws the `!` row to failure as an arrow once the recording took it', () => {
    const recording = walk(TABLE, "a { '!' } failure { '' }");
    expect(lineWith(drawDot(parseStateTable(TABLE), { recording }), '"a" -> "failure"')).toContain('<B>1×</B>');
  });

  it('draws what no row stands for, dotted', () => {
    const table = 'a:m {\n ok finish\n}\nfailure {\n * finish\n}\n';
    const recording = walk(table, "a { 'odd' } failure { '' }");
    expect(lineWith(drawDot(parseStateTable(table), { recording }), '"a" -> "failure"')).toContain('style="dotted"');
  });

  it('quotes whatever people call their states', () => {
    const dot = drawDot(parseStateTable('a"b\\<i> {\n <&> finish\n}\n'));
    expect(dot).toContain('"a\\"b\\\\<i>" -> "finish"');
    expect(dot).toContain('&lt;&amp;&gt;');
  });

  it('shows every row of any table once', () => {
    fc.assert(
      fc.property(anyTable(), fc.integer(), (table, seed) => {
        const { recording } = simulateRandomly(table, { seed, maxSteps: 20 });
        const { states, edges } = drawingOf(table, recording);
        const inBoxes = states.flatMap(({ loops, failureRow }) => [...loops, ...(failureRow ? [failureRow] : [])]);
        const onArrows = edges.filter(({ kind }) => kind !== 'built-in').flatMap(({ rows }) => rows);
        const drawn = table.states.filter((block) => block.name !== 'finish').flatMap((block) => block.transitions);
        expect(inBoxes.length + onArrows.length).toBe(drawn.length);
        const taken = [...inBoxes, ...edges.flatMap(({ rows }) => rows)].reduce((sum, row) => sum + row.taken, 0);
        expect(taken).toBe(recording.filter((step) => step.from !== null).length);
      }),
    );
  });
});

describe('drawSvg', () => {
  it('draws any table', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable(), async (table) => {
        expect(await drawSvg(table)).toMatch(/<svg[^]*<\/svg>/);
      }),
      { numRuns: 30 },
    );
  });

  it('draws XML that readers accept, whatever is in a name', async () => {
    for (const name of ['a\u0001b', 'a\uffffb', 'a\ud800b', 'a&nbsp;b', 'a&amp;b', '--><b>', 'a"\\']) {
      const table = parseStateTable(`${name} {\n ${name} finish\n * ${name} wait=1\n}\n`);
      const svg = await drawSvg(table);
      expect(svg, name).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
      expect(svg, name).not.toMatch(/&(?!(?:amp|lt|gt|quot|#\d+|#x[0-9a-f]+);)/);
      expect(svg.isWellFormed(), name).toBe(true);
    }
  });

  it('keeps labels apart when counts and times make them longer', async () => {
    const wip = SHIPPED_KINDS.find(({ kind }) => kind === 'BuildSteps')!.create({ uuid: 'x', options: {} });
    const table = parseStateTable(wip.getStateTable());
    for (const seed of [3, 14344]) {
      const { recording } = simulateRandomly(table, { seed, maxSteps: 500 });
      const timed = recording.map((step) => ({ ...step, seconds: 12_345 }));
      expect(overlapsOf(labelsOf(await drawSvg(table, { recording: timed })))).toEqual([]);
    }
  });

  it.each(SHIPPED_KINDS.map(({ kind }) => kind))(
    'draws %s without labels over one another, with the start at the top and finish at the bottom',
    async (kind) => {
      const wip = SHIPPED_KINDS.find((one) => one.kind === kind)!.create({ uuid: 'x', options: {} });
      const labels = labelsOf(await drawSvg(parseStateTable(wip.getStateTable())));
      expect(overlapsOf(labels)).toEqual([]);
      const tops = new Map(labels.filter(({ owner }) => !owner.includes('->')).map(({ owner, top }) => [owner, top]));
      const states = [...tops].filter(([owner]) => owner !== 'state table').map(([, top]) => top);
      expect(tops.get('finish')).toBe(Math.max(...states));
      expect(tops.get('start') ?? tops.get('containerWipStart')).toBe(Math.min(...states));
    },
  );
});
