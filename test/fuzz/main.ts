import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readCorpus } from './corpus.ts';
import { inputOf, tryInput, type Finding, type Target } from './fuzz-target.ts';
import { fuzzInThread } from './run-fuzz.ts';
import { TARGETS } from './targets.ts';

// npm run fuzz -- [--runs N] [--seed S] [--only TARGET …] [--parallel P]
//
// npm run fuzz -- --replay TARGET:SEED:RUN          one input again, printed
// npm run fuzz -- --replay TARGET --file PATH       one input from a file
//
// N inputs (100,000) are shared out over the targets. What is found is printed with the file to keep it in.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
    parallel: { type: 'string', default: '2' },
    replay: { type: 'string' },
    file: { type: 'string' },
  },
});

process.exitCode = values.replay === undefined ? await fuzzAll() : await replay(values.replay);

async function fuzzAll(): Promise<number> {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  // The usage text promises that `--only` takes all the names behind it.
  const only = values.only && [...values.only, ...positionals];
  const wanted = TARGETS.filter(({ name }) => only === undefined || only.includes(name));
  const shares = wanted.reduce((sum, { share }) => sum + share, 0);
  const waiting = [...wanted];
  const findings: Finding[] = [];
  let runs = 0;
  const startedMs = performance.now();
  const fuzzSome = async (): Promise<void> => {
    for (let target = waiting.shift(); target; target = waiting.shift()) {
      const own = Math.ceil((Number(values.runs) * target.share) / shares);
      const beganMs = performance.now();
      const found = await fuzzInThread(target, { seed, first: 0, runs: own });
      runs += own;
      findings.push(...found);
      const took = ((performance.now() - beganMs) / 1000).toFixed(1);
      console.log(`${found.length === 0 ? '✓' : '✗'} ${target.name}: ${own} inputs in ${took} s`);
      for (const finding of found) console.log(describe(finding));
    }
  };
  await Promise.all(Array.from({ length: Number(values.parallel) }, fuzzSome));
  const took = Math.round((performance.now() - startedMs) / 1000);
  console.log(`\n${runs} inputs with seed ${seed} in ${took} s: ${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
}

function describe({ target, what, input, seed, run }: Finding): string {
  return [
    `    ${what}`,
    `    again: npm run fuzz -- --replay ${target}:${seed}:${run}`,
    `    keep:  test/fuzz/corpus/${target}/<name>, base64: ${input.toString('base64')}`,
    `    text:  ${JSON.stringify(input.toString()).slice(0, 400)}`,
  ].join('\n');
}

async function replay(order: string): Promise<number> {
  const [name = '', seed = '', run = ''] = order.split(':');
  const target = TARGETS.find((one) => one.name === name);
  if (!target) throw new Error(`there is no target "${name}"; there are ${TARGETS.map((one) => one.name).join(', ')}`);
  const input = values.file === undefined ? inputAgain(target, Number(seed), Number(run)) : readFileSync(values.file);
  console.log(JSON.stringify(input.toString()));
  const what = await tryInput(target, input);
  await target.close?.();
  console.log(what ?? 'nothing is wrong with how it is taken');
  return what === null ? 0 : 1;
}

function inputAgain(target: Target, seed: number, run: number): Buffer {
  const corpus = readCorpus(target.name).map(({ input }) => input);
  return inputOf(seed, run, { corpus, pieces: target.pieces });
}
