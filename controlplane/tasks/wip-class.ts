import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import { fieldProblems, fieldProblemText, sayProblem } from '../../shared/text/field-problems.ts';
import type { BasicWip, TaskFacts } from './basic-wip.ts';
import type { OptionsOf } from './options-of.ts';
import { NOT_ASYNCHRONOUS, optionsThatWait } from './checks/asynchronous-options.ts';
import { namedOptions, unknownFields } from './checks/schema-fields.ts';

/** How tasks saved by an older version of a class continue under this one. */
export interface Migration {
  /** The versions that it can convert. */
  readonly from: readonly number[];
  /** Called once, before the first step under this version. An error it throws ends the task as ERROR_SYSTEM. */
  readonly migrate: (from: number, memory: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}

/** A task class as the registry holds it. `Given`: its options as people give them, before defaults. */
export interface WipClass<O extends object = object, Given = unknown> {
  readonly kind: string;
  /** To be raised when a task saved under the older version cannot continue under this class unchanged. */
  readonly version: number;
  /** Without it, a node leaves tasks of other versions to nodes that have those versions. */
  readonly migration?: Migration;
  readonly options: OptionsOf<O, Given>;
  create(task: TaskFacts<O>): BasicWip<O>;
}

/** Parses the options of a task. Throws OPTIONS_INVALID with each wrong field, its path, and the allowed values. */
export function parseOptions<O extends object>(wip: WipClass<O>, options: unknown): O {
  const { schema } = wip.options;
  const given = options ?? {};
  const parsed = parseAtOnce(wip, given);
  const unknown = unknownFields(schema, given).map((path) => path.join('.'));
  if (parsed.success && unknown.length === 0) return parsed.data;
  // A schema that is not strict names no unknown fields itself.
  const found = (parsed.success ? [] : fieldProblems(parsed.error)).filter(({ path }) => !unknown.includes(path));
  const problems = [...found, ...unknown.map((path) => ({ path, message: 'is not known' }))].map(({ path, message }) =>
    fieldProblemText({ path: path || 'the options', message }),
  );
  throw new OperationalError('OPTIONS_INVALID', {
    happened: `The options of a ${wip.kind} task are not valid: ${problems.join('; ')}`,
    remedy: `Correct the named fields and add the task again${unknown.length > 0 ? namesText(wip) : ''}`,
    cause: parsed.error,
  });
}

/** Throws OPTIONS_INVALID for a schema that waits for something, which zod tells in words about its own functions. */
function parseAtOnce<O extends object>({ kind, options: { schema } }: WipClass<O>, given: unknown) {
  try {
    return schema.safeParse(given, { error: sayProblem });
  } catch (error) {
    const waiting = optionsThatWait(schema, given);
    if (waiting.length === 0 && !(error instanceof z.core.$ZodAsyncError)) throw error;
    const of = waiting.length === 0 ? '' : ` for ${waiting.join(', ')}`;
    throw new OperationalError('OPTIONS_INVALID', {
      happened: `The options of a ${kind} task cannot be parsed: the schema of its class is asynchronous${of}`,
      remedy: NOT_ASYNCHRONOUS,
      cause: error,
    });
  }
}

function namesText<O extends object>({ kind, options }: WipClass<O>): string {
  const { names } = namedOptions(options.schema);
  return names.length === 0 ? '' : `; ${kind} has the options ${names.join(', ')}`;
}
