import { createWipClient } from '../../controlplane/cli/client/wip-client.ts';
import { makeRepository } from '../kit/builds/git-place.ts';
import { Workplace } from '../kit/programs/program.ts';
import { startSystem } from '../kit/builds/watched-build.ts';
import { judgeFigure, quantile, type Measurement } from './measure.ts';

const BUILDS = 5;
const MOST_MS = 250;
/** Of one build. */
const BOUND_MS = 30_000;
/** No build begins later: slow ones leave fewer figures. */
const ALL_BOUND_MS = 45_000;
/** The text itself says when it was written. */
const STAMPED = `version: 1.3.0
events:
  build:
    steps:
      - first:
          script:
            - for n in 1 2 3 4; do echo "stamp $(date +%s%3N)"; sleep 0.5; done
`;

/** Measures from the moment a step writes a line until a reader of the stream has it, with real agents and processes. */
export async function benchFirstOutput(): Promise<Measurement[]> {
  const place = new Workplace();
  const system = await startSystem(place);
  try {
    const client = createWipClient({ url: system.url, token: system.token.reveal() });
    const source = makeRepository(place.path('stamped'), { 'acquia-pipelines.yaml': STAMPED });
    const first: number[] = [];
    const all: number[] = [];
    const endMs = performance.now() + ALL_BOUND_MS;
    for (let build = 0; build < BUILDS && performance.now() < endMs; build += 1) {
      const { id } = await client.addTask({ kind: 'BuildSteps', options: { sourceVcsUri: source, vcsPath: 'main' } });
      const delays = await readDelays(`${system.url}/v1/tasks/${id}/stream`, system.token.reveal());
      first.push(...delays.slice(0, 1));
      all.push(...delays);
    }
    const beside = (values: readonly number[]): string =>
      `; median ${quantile(values, 0.5).toFixed(0)} ms of ${values.length}`;
    const what = 'line written by a step → reader of its stream';
    return [
      judgeFigure({
        what: `${what}: the first of a build, slowest`,
        value: Math.max(...first),
        unit: 'ms',
        beside: beside(first),
        atMost: MOST_MS,
      }),
      judgeFigure({
        what: `${what}: any, slowest`,
        value: Math.max(...all),
        unit: 'ms',
        beside: beside(all),
        atMost: MOST_MS,
      }),
    ];
  } finally {
    await system.close();
    await place.becomesQuiet();
    await place.remove();
  }
}

/** Returns how old each stamp was when it came. */
async function readDelays(url: string, token: string): Promise<number[]> {
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(BOUND_MS),
  });
  const delays: number[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of answer.body ?? []) {
    const nowMs = Date.now();
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const data = line.startsWith('data: ') ? /"data":"([^"]+)"/.exec(line)?.[1] : undefined;
      const text = data === undefined ? '' : Buffer.from(data, 'base64').toString();
      for (const [, stamp] of text.matchAll(/^stamp (\d+)$/gm)) delays.push(nowMs - Number(stamp));
    }
  }
  if (delays.length === 0) throw new Error('the build wrote no stamp');
  return delays;
}
