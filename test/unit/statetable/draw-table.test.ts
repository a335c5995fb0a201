import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawStateTable } from '../../../controlplane/statetable/draw-table.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { simulateRandomly } from '../../../controlplane/statetable/simulate-random.ts';
import { scriptedMethods, simulate } from '../../../controlplane/statetable/simulate.ts';
import { parseSimulationScript } from '../../../controlplane/statetable/simulation-script.ts';
import { anyTable } from './any-table.ts';

const TABLE =
  'a:m [user] {\n wait a wait=60 max=5 exec=false\n * b\n ! failure\n}\nb {\n * finish\n}\nfailure {\n * finish\n}\n';

/** The lines of a drawing that name a state or a row. */
function lineWith(dot: string, start: string): string {
  return dot.split('\n').find((line) => line.startsWith(`  ${start} [`)) ?? '';
}

describe('drawStateTable', () => {
  it('shapes start, finish and failure apart, fills by timer and labels rows', () => {
    const dot = drawStateTable(parseStateTable(TABLE));
    expect(lineWith(dot, '"a"')).toContain('shape="house"');
    expect(lineWith(dot, '"finish"')).toContain('shape="doublecircle"');
    expect(lineWith(dot, '"failure"')).toContain('shape="octagon"');
    expect(lineWith(dot, '"a"').match(/fillcolor="[^"]+"/)).not.toEqual(
      lineWith(dot, '"b"').match(/fillcolor="[^"]+"/),
    );
    expect(lineWith(dot, '"a" -> "a"')).toContain('label="wait wait=60 max=5", style="dashed"');
  });

  it('highlights the path of a recording with counts and times', () => {
    const table = parseStateTable(TABLE);
    const script = parseSimulationScript("a { 'wait' 'wait' 'ok' } b { '' }");
    const { recording } = simulate(table, scriptedMethods(script), { maxSteps: 20 });
    const dot = drawStateTable(table, { recording: recording.map((step) => ({ ...step, seconds: step.waitSeconds })) });
    expect(lineWith(dot, '"a"')).toContain('label="a\\n3× 120 s"');
    expect(lineWith(dot, '"a" -> "a"')).toContain('\\n2×');
    expect(lineWith(dot, '"a" -> "b"')).toContain('penwidth="2"');
    expect(lineWith(dot, '"a" -> "failure"')).not.toContain('penwidth');
  });

  it('draws what no row stands for, dotted', () => {
    const table = parseStateTable('a:m {\n ok finish\n}\nfailure {\n * finish\n}\n');
    const { recording } = simulate(table, scriptedMethods(parseSimulationScript("a { 'odd' } failure { '' }")), {
      maxSteps: 9,
    });
    expect(lineWith(drawStateTable(table, { recording }), '"a" -> "failure"')).toContain('style="dotted"');
  });

  it('quotes whatever people call their states', () => {
    const dot = drawStateTable(parseStateTable('a"b\\ {\n * finish\n}\n'));
    expect(dot).toContain('"a\\"b\\\\" -> "finish"');
  });

  it('draws every row of any table once', () => {
    fc.assert(
      fc.property(anyTable(), fc.integer(), (table, seed) => {
        const { recording } = simulateRandomly(table, { seed, maxSteps: 20 });
        const solid = drawStateTable(table, { recording })
          .split('\n')
          .filter((line) => line.includes(' -> ') && !line.includes('dotted'));
        const drawn = table.states.filter((block) => block.name !== 'finish').flatMap((block) => block.transitions);
        expect(solid).toHaveLength(drawn.length);
      }),
    );
  });
});
