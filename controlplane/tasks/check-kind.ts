import { z } from 'zod';
import { Name } from '../../shared/model/identifier.ts';
import { OperationalError } from '../../shared/model/error.ts';
import { lintTable } from '../statetable/lint-table.ts';
import { parseStateTable } from '../statetable/parse-table.ts';
import { StateTableError } from '../statetable/table-error.ts';
import type { BasicWip, WipClass } from './basic-wip.ts';
import { lintOptionsOf } from './lint-facts.ts';
import { createWithoutOptions, NO_TASK } from './find-classes.ts';

const Method = z.custom((value) => typeof value === 'function', 'it must be a function');

/** What defineWip was given. Its types say the same, but not to a module in plain JavaScript. */
const Definition = z
  .object({
    kind: Name,
    // Stored with each task and compared with equality; a node claims tasks of its own versions only.
    version: z.int('it must be a whole number').min(1, 'it must be 1 or more'),
    migration: z.object({ from: z.array(z.int()), migrate: Method }).optional(),
    options: z.object({
      schema: z.instanceof(z.ZodType, { error: 'it must be a schema of zod 4' }),
      sealed: z.array(z.string()),
      repositories: z.array(z.string()).optional(),
    }),
    create: Method,
  })
  .refine(({ version, migration }) => migration?.from.every((one) => one < version) ?? true, {
    path: ['migration', 'from'],
    error: 'it must name versions before this one',
  });

interface Source {
  /** The module as it was given. */
  readonly file: string;
  readonly maxRunSeconds: number;
}

/** Throws KIND_INVALID for a kind whose tasks could not run: a fault in its definition, its class or its table. */
export function checkKind(kind: WipClass, { file, maxRunSeconds }: Source): void {
  const refuse = (problems: readonly string[], remedy: string): never => {
    const name = typeof kind.kind === 'string' ? `The kind of task "${kind.kind}" of ${file}` : file;
    throw new OperationalError('KIND_INVALID', { happened: `${name} is refused: ${problems.join('; ')}`, remedy });
  };
  const defined = Definition.safeParse(kind);
  if (!defined.success) {
    const problems = defined.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return refuse(problems, 'Correct what is given to defineWip');
  }
  const unknown = namesOfNoOption(kind);
  if (unknown.length > 0) refuse(unknown, 'Correct the name: a secret option that is not sealed is stored as it is');
  const wip = createWithoutOptions(`${kind.kind} (${file})`, () => kind.create(NO_TASK));
  if (wip.kind !== kind.kind) {
    refuse([`its class says that its kind is "${wip.kind}"`], `Override it: get kind() { return '${kind.kind}'; }`);
  }
  const faults = findFaults(wip, maxRunSeconds);
  if (faults.length > 0) refuse(faults, `See "wipctl table lint ${file}#${kind.kind}"`);
}

/** A name in `sealed` or `repositories` that no option has leaves the option it was meant for unguarded. */
function namesOfNoOption({ options }: WipClass): readonly string[] {
  if (!(options.schema instanceof z.ZodObject)) return []; // such a schema does not tell its options
  const { shape } = options.schema;
  const lists = { sealed: options.sealed, repositories: options.repositories ?? [] };
  return Object.entries(lists).flatMap(([list, names]) =>
    names.filter((name) => !Object.hasOwn(shape, name)).map((name) => `options.${list}: there is no option "${name}"`),
  );
}

function findFaults(wip: BasicWip, maxRunSeconds: number): readonly string[] {
  try {
    const report = lintTable(parseStateTable(wip.getStateTable()), { ...lintOptionsOf(wip), maxRunSeconds });
    const errors = report.findings.filter(({ severity }) => severity === 'error');
    return errors.map(({ line, message, rule }) => `line ${line}: ${message} [${rule}]`);
  } catch (error) {
    if (!(error instanceof StateTableError)) throw error;
    return error.problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  }
}
