import type { StateTable } from '../../controlplane/statetable/table.ts';
import type { SimulatedRun } from './simulated-run.ts';

/** Draws the table with the path of the run. The drawing library is a megabyte of WebAssembly, so it is loaded here. */
export async function drawSvgLazily(table: StateTable, { steps, elapsed }: SimulatedRun): Promise<string> {
  const { drawSvg } = await import('../../controlplane/statetable/draw-svg.ts');
  const recording = steps.map((step, index) => {
    const seconds = (steps[index + 1]?.atSeconds ?? elapsed) - step.atSeconds;
    return { ...step, seconds };
  });
  return drawSvg(table, { recording });
}
