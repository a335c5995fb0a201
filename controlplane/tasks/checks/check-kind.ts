import { z } from 'zod';
import { Name } from '../../../shared/model/identifier.ts';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { sayProblem } from '../../../shared/text/field-problems.ts';
import { instead } from '../../../shared/text/nearest-name.ts';
import { remedyOf, type Finding } from '../../statetable/lint-finding.ts';
import { lintTable } from '../../statetable/lint-table.ts';
import { parseStateTable } from '../../statetable/parse-table.ts';
import { StateTableError } from '../../statetable/table-error.ts';
import type { BasicWip } from '../basic-wip.ts';
import type { WipClass } from '../wip-class.ts';
import { lintOptionsOf } from './lint-facts.ts';
import { whyNoSchemaOfOptions } from './check-schema.ts';
import { whyNoMigration } from './check-migration.ts';
import { createWithoutOptions, isTaskClass } from './find-classes.ts';
import { missingOptions } from './missing-options.ts';
import { namedOptions } from './schema-fields.ts';
import { unsealedSecrets } from './secrets-of-parents.ts';

const Method = z.custom((value) => typeof value === 'function', 'it must be a function');

const Migrates = z.strictObject({
  from: z.array(z.int(), 'it must be a list of the versions that it takes over, such as [1]'),
  migrate: Method,
});

const Names = z.array(z.string(), 'it must be a list of names of options; none: []');

const Options = z.strictObject(
  {
    schema: z.instanceof(z.ZodType, { error: 'it must be a schema of zod 4' }),
    sealed: Names,
    repositories: Names.optional(),
    receivers: Names.optional(),
  },
  // A misspelt name is told by itself.
  { error: ({ code }) => (code === 'invalid_type' ? 'it must be an object: { schema, sealed: [] }' : undefined) },
);

/** Also of another copy of zod. */
function isSchema(given: unknown): boolean {
  return typeof given === 'object' && given !== null && '_zod' in given;
}

/** What defineWip was given. Its types say the same, but not to a module in plain JavaScript. */
const Definition = z
  .strictObject({
    kind: Name,
    // Stored with each task and compared with equality; a node claims tasks of its own versions only.
    version: z.int('it must be a whole number').min(1, 'it must be 1 or more'),
    migration: Migrates.optional(),
    options: z
      .unknown()
      .refine((options) => !isSchema(options), 'it is the schema itself: write { schema: …, sealed: [] }')
      .pipe(Options),
    create: Method.refine((create) => !isTaskClass(create), 'it is the class itself: write (task) => new MyTask(task)'),
  })
  .refine(({ version, migration }) => migration?.from.every((one) => one < version) ?? true, {
    path: ['migration', 'from'],
    error: 'it must name versions before this one',
  });

/** The names of each part of a definition, for those that are misspelt. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  '': ['kind', 'version', 'migration', 'options', 'create'],
  migration: Object.keys(Migrates.shape),
  options: Object.keys(Options.shape),
};

interface Source {
  /** The module as it was given; null: the kind is from no file. */
  readonly file: string | null;
  readonly maxRunSeconds: number;
}

/** Throws KIND_INVALID for a kind whose tasks could not run: a fault in its definition, its class or its table. */
export function checkKind(kind: WipClass, { file, maxRunSeconds }: Source): void {
  const faults = findFaults(createOfKind(kind, file), maxRunSeconds);
  const source = file === null ? 'FILE' : `${file}#${kind.kind}`;
  if (faults.length > 0) throw refused(kind, file, faults, `See "wipctl table lint ${source}"`);
}

/** Creates a task of a kind to read its class. Throws KIND_INVALID for a fault in its definition, or in its class beside the table. */
export function createOfKind(kind: WipClass, file: string | null): BasicWip {
  checkKindDefinition(kind, file);
  const name = file === null ? kind.kind : `${kind.kind} (${file})`;
  const wip = createWithoutOptions(name, (task) => kind.create(task));
  if (wip.kind !== kind.kind) {
    const problem = `its class says that its kind is "${wip.kind}"`;
    throw refused(kind, file, [problem], `Override it: get kind() { return '${kind.kind}'; }`);
  }
  const missing = missingOptions(kind, wip);
  if (missing.length > 0) throw refused(kind, file, missing, 'Its parent class reads them');
  const unsealed = unsealedSecrets(kind, wip);
  if (unsealed.length > 0) throw refused(kind, file, unsealed, 'Its parent class takes them for secrets');
  return wip;
}

/** Throws KIND_INVALID for what defineWip was given and cannot use. `file`: where it was found; null: in no file. */
function checkKindDefinition(kind: WipClass, file: string | null): void {
  const problems = readProblems(kind);
  if (problems.length > 0) throw refused(kind, file, problems, 'Correct what is given to defineWip');
  const useless = [...whyNoOptions(kind), ...whyNoMigration(kind.migration)];
  if (useless.length > 0) throw refused(kind, file, useless, 'Correct what is given to defineWip');
  const unknown = namesOfNoOption(kind);
  if (unknown.length === 0) return;
  throw refused(kind, file, unknown, 'Correct the name: the option that is meant is not guarded without it');
}

function readProblems(kind: WipClass): readonly string[] {
  try {
    const defined = Definition.safeParse(kind, { error: sayProblem });
    return defined.success ? [] : defined.error.issues.flatMap(problemsOf);
  } catch (error) {
    // A getter, or a trap of a Proxy, has failed: code of the author that was not meant to run here.
    return [`it cannot be read: ${messageOf(error).replace(/\.$/, '')}`];
  }
}

function refused(kind: WipClass, file: string | null, problems: readonly string[], remedy: string): OperationalError {
  const happened = `${titleOf(kind, file)} is refused: ${problems.join('; ')}`;
  return new OperationalError('KIND_INVALID', { happened, remedy });
}

function nameOf(kind: WipClass): unknown {
  try {
    return kind.kind;
  } catch {
    return undefined; // the caller tells it as a value that cannot be read
  }
}

function titleOf(definition: WipClass, file: string | null): string {
  const kind = nameOf(definition);
  if (typeof kind !== 'string') return file ?? 'A kind of task';
  return file === null ? `The kind of task "${kind}"` : `The kind of task "${kind}" of ${file}`;
}

function problemsOf(issue: z.core.$ZodIssue): readonly string[] {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [`${path}: ${issue.message}`];
  const below = path === '' ? '' : `${path}.`;
  return issue.keys.map((key) => `${below}${key}: is not known${instead(key, NAMES[path] ?? [])}`);
}

function whyNoOptions({ options }: WipClass): readonly string[] {
  const why = whyNoSchemaOfOptions(options.schema);
  return why === null ? [] : [`options.schema: ${why}`];
}

/** A name in one of these lists that no option has leaves the option it was meant for unguarded. */
function namesOfNoOption({ options }: WipClass): readonly string[] {
  const { names: known, areAll } = namedOptions(options.schema);
  if (!areAll) return []; // such a schema does not tell all of its options
  const { sealed, repositories = [], receivers = [] } = options;
  return Object.entries({ sealed, repositories, receivers }).flatMap(([list, names]) =>
    names
      .filter((name) => !known.includes(name))
      .map((name) => `options.${list}: there is no option "${name}"${instead(name, known)}`),
  );
}

/** Returns the remedy of a finding as a part of a sentence: tests and nodes tell it where the linter is not at hand. */
function remedyInside(finding: Finding): string {
  const remedy = remedyOf(finding);
  return `${remedy[0]!.toLowerCase()}${remedy.slice(1)}`;
}

function findFaults(wip: BasicWip, maxRunSeconds: number): readonly string[] {
  try {
    const report = lintTable(parseStateTable(wip.getStateTable()), { ...lintOptionsOf(wip), maxRunSeconds });
    const errors = report.findings.filter(({ severity }) => severity === 'error');
    return errors.map((error) => `line ${error.line}: ${error.message} (${remedyInside(error)}) [${error.rule}]`);
  } catch (error) {
    if (!(error instanceof StateTableError)) throw error;
    return error.problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  }
}
