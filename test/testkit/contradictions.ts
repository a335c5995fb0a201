import type { z } from 'zod';
import { shown } from '../../shared/text/shown-value.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Two fields that do not go together as they are given, and why. */
interface Contradiction {
  readonly field: string;
  readonly other: string;
  readonly why: string;
  readonly remedy?: string;
}

/** Returns a check of an object that refuses each contradiction, at the path of its field, with both values and what to do. */
export function refuses<T extends object>(
  find: (given: T) => readonly Contradiction[],
): (given: T, context: z.core.$RefinementCtx) => void {
  return (given, context) => {
    for (const found of find(given)) {
      const { field, other, why } = found;
      const [value, otherValue] = [(given as Fields)[field], (given as Fields)[other]];
      const is = otherValue === undefined ? 'not given' : shown(otherValue);
      const remedy = found.remedy ?? remedyOf(found, otherValue);
      const message = `is ${shown(value)}, and ${other} is ${is}: ${why}; ${remedy}`;
      context.addIssue({ code: 'custom', path: [field], message });
    }
  };
}

function remedyOf({ field, other }: Contradiction, value: unknown): string {
  if (value === undefined) return `give ${other}, or leave ${field} out`;
  return value === true ? 'leave one of the two out' : `leave ${field} out, or give another ${other}`;
}

const ENDS_OF_PROCESS = ['exitCode', 'killedBy', 'outOfMemory', 'cannotStart'] as const;

/** Returns the fields by which a process script says how the process ends. */
export function endsOfProcess(script: Fields): readonly (typeof ENDS_OF_PROCESS)[number][] {
  return ENDS_OF_PROCESS.filter((name) => script[name] !== undefined && script[name] !== false);
}

/** Says of a moment that it is neither a state nor a time, or both. */
export function sayMoment({ at, after }: Fields): string {
  const either = 'give either "at" (a state) or "after" (a duration)';
  return at === undefined ? either : `at is ${shown(at)}, and after is ${shown(after)}: ${either}`;
}

/** Fields of a process that runs. */
const OF_RUNNING = ['runsFor', 'stdout', 'stderr', 'floods', 'silentAfter', 'silentFor', 'files'] as const;

export function processContradictions(script: Fields): readonly Contradiction[] {
  const [end, ...others] = endsOfProcess(script);
  return [
    ...others.map((field) => ({
      field,
      other: end!,
      why: 'a process ends in one way',
      remedy: `give only one of ${[end, ...others].join(', ')}`,
    })),
    ...(end !== undefined && end !== 'cannotStart' && script['runsFor'] === 'forever'
      ? [{ field: end, other: 'runsFor', why: 'it runs until its container ends, and has no end of its own' }]
      : []),
    ...(isSaid(script['files']) && script['runsFor'] === 'forever'
      ? [{ field: 'files', other: 'runsFor', why: 'its files are there when it ends, and it has no end of its own' }]
      : []),
    ...(script['cannotStart'] === true
      ? OF_RUNNING.filter((name) => isSaid(script[name])).map((field) => ({
          field,
          other: 'cannotStart',
          why: 'what is never started does not run, prints nothing and writes nothing',
        }))
      : []),
    ...(script['silentFor'] !== undefined && script['silentAfter'] === undefined
      ? [{ field: 'silentFor', other: 'silentAfter', why: 'nothing says when the silence begins' }]
      : []),
  ];
}

/** An empty output, or no file, says nothing, as one that is left out. */
function isSaid(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== '' && value !== 0;
}

export function signalContradictions({ lost, doubled, late, signal, process }: Fields): readonly Contradiction[] {
  const why = 'a signal that is lost never arrives';
  return [
    ...(lost === true && doubled === true ? [{ field: 'doubled', other: 'lost', why }] : []),
    ...(lost === true && late !== 0 ? [{ field: 'late', other: 'lost', why }] : []),
    ...(process !== undefined && signal !== 'processComplete'
      ? [{ field: 'process', other: 'signal', why: 'only processComplete is the signal of a process' }]
      : []),
  ];
}

export function childContradictions(script: Fields): readonly Contradiction[] {
  if (script['endsAfter'] !== 'never') return [];
  return ['exitStatus', 'exitMessage', 'cause']
    .filter((name) => script[name] !== undefined && script[name] !== null)
    .map((field) => ({ field, other: 'endsAfter', why: 'a child that never ends has no end' }));
}

export function deliveryContradictions({ answers, body }: Fields): readonly Contradiction[] {
  const isAnswered = (answers as readonly unknown[]).some((answer) => answer !== 'no-answer');
  if (isAnswered || body === '') return [];
  return [{ field: 'body', other: 'answers', why: 'all of them are "no-answer", and have no body' }];
}

const SILENT_CAUSES: readonly unknown[] = ['crash', 'out-of-memory', 'host-lost'];

/** Returns whether a container that ends for this cause has last words. */
export function hasLastWords(cause: unknown): boolean {
  return !SILENT_CAUSES.includes(cause);
}

export function endContradictions(end: Fields): readonly Contradiction[] {
  const { when, after, cause } = end;
  return [
    ...(when !== undefined && after !== undefined
      ? [
          {
            field: 'when',
            other: 'after',
            why: 'only a state has a method, and so a moment before and after it',
            remedy: 'leave when out, or give "at" (a state) in place of after',
          },
        ]
      : []),
    ...(hasLastWords(cause) ? [] : ['exitLog', 'log', 'stdout', 'stderr'])
      .filter((name) => isSaid(end[name]))
      .map((field) => ({ field, other: 'cause', why: 'such an end comes without last words' })),
  ];
}

const REPEATED_LAUNCHES: readonly unknown[] = ['unavailable', 'throttled', 'denied'];

export function containerContradictions(script: Fields): readonly Contradiction[] {
  const { launch, launchTries, readyAfter, readyTimes } = script;
  return [
    ...(launchTries !== 1 && !REPEATED_LAUNCHES.includes(launch)
      ? [{ field: 'launchTries', other: 'launch', why: `only ${REPEATED_LAUNCHES.join(', ')} are tried again` }]
      : []),
    ...(readyAfter === 'never' && Number(readyTimes) > 1
      ? [{ field: 'readyTimes', other: 'readyAfter', why: 'a container that is never ready says so never' }]
      : []),
  ];
}
