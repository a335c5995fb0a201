import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Table } from './measure.ts';

/** Where profiles are written. A viewer of V8's `.cpuprofile` shows them as flame graphs. */
const PROFILES = path.join(import.meta.dirname, 'profiles');

const MOST_ROWS = 25;

/** Arguments by which Node writes a profile of the process's own time when it ends. */
export function profileArguments(name: string): string[] {
  mkdirSync(PROFILES, { recursive: true });
  return ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`, `--cpu-prof-name=${name}.cpuprofile`];
}

const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

// No work: the event loop waits, or the profiler itself runs.
const NO_WORK = new Set(['(idle)', '(program)', '(root)']);

/** Returns the functions of a written profile that took the most time by themselves. */
export function readProfile(name: string): Table {
  const file = path.join(PROFILES, `${name}.cpuprofile`);
  const { nodes, samples, timeDeltas } = CpuProfile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const micros = new Map<string, number>();
  samples.forEach((id, index) => {
    const place = places.get(id) ?? '';
    if (!NO_WORK.has(place)) micros.set(place, (micros.get(place) ?? 0) + (timeDeltas[index] ?? 0));
  });
  const all = [...micros.values()].reduce((sum, part) => sum + part, 0);
  const rows = [...micros].toSorted((a, b) => b[1] - a[1]).slice(0, MOST_ROWS);
  return {
    title: `where ${path.relative(process.cwd(), file)} spent its ${(all / 1e6).toFixed(1)} s, by function`,
    columns: ['', 'ms', 'of all'],
    rows: rows.map(([place, part]) => [place, (part / 1_000).toFixed(0), `${((100 * part) / all).toFixed(1)} %`]),
  };
}

function placeOf({ functionName, url, lineNumber }: { functionName: string; url: string; lineNumber: number }): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
}
