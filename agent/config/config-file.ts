import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import { BYTES_PER_GB } from '../../shared/model/units.ts';
import { AGENT_SOCKET } from '../../shared/protocol/agent-api.ts';
import { escapeControls, excerptOf, hasControls, quoted } from '../../shared/text/quote.ts';
import { readIniEntries } from './ini-entries.ts';

// ECS kills 2 s after SIGTERM at the least and 120 s at the most (stopTimeout); nobody needs a longer budget.
const MAX_STOP_BUDGET_SECONDS = 120;

/** A number as people write it. */
export const FIGURE = /^\d+(\.\d+)?$/;
const Text = z.string();
// Neither a path of an image nor a user has control characters, and a path with a zero byte names no file at all.
const Plain = Text.refine((text) => !hasControls(text), 'must have no control characters');
// A petabyte is more than any machine has, and its bytes are still an exact number.
const MAX_GB = 1_000_000;
const Gigabytes = Text.regex(FIGURE, { error: 'must be a number such as 10 or 1.73', abort: true })
  .refine((text) => Number(text) <= MAX_GB, `must be ${MAX_GB} or less`)
  .transform(Number);
// Nine digits: 31 years in seconds, and more files than a build can make in that time.
const MAX_WHOLE = 999_999_999;
const Whole = Text.regex(/^\d+$/, { error: 'must be a whole number', abort: true })
  .refine((text) => Number(text) <= MAX_WHOLE, `must be ${MAX_WHOLE} or less`)
  .transform(Number);
const AbsolutePath = Plain.startsWith('/', 'must be an absolute path');
const least = (value: number): z.ZodNumber => z.number().min(value, `must be ${value} or more`);
const Switch = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .prefault('true')
  .transform((text) => text === 'true');

const Disk = z.strictObject({
  initial_size: Gigabytes.prefault('0'),
  // A limit of 0 (or one that is rounded to it) would end the container at its first byte.
  max_workload: Gigabytes.prefault('10').pipe(
    z
      .number()
      .positive('must be more than 0')
      .min(1 / BYTES_PER_GB, 'must be a byte (0.000000001) or more'),
  ),
  max_inodes: Whole.prefault('0'),
  method: z.enum(['auto', 'statfs', 'changed-files']).default('auto'),
  paths: Text.prefault('/')
    .transform((text) => text.split(',').map((path) => path.trim()))
    .pipe(z.array(AbsolutePath).min(1)),
  reserve: Gigabytes.prefault('0.064'),
});

/** config.ini as people write it: keys with units of the file (GB, seconds), every one with its default. */
const ConfigFile = z.strictObject({
  disk: Disk.prefault({}),
  time: z
    .strictObject({
      max_workload: Whole.prefault('3600').pipe(least(1)),
      no_progress: Whole.prefault('600'),
      last_words: Whole.prefault('900'),
    })
    .prefault({}),
  memory: z.strictObject({ report_oom: Switch }).prefault({}),
  ssh: z
    .strictObject({
      server: z.enum(['embedded', 'openssh']).default('embedded'),
      port: Whole.prefault('22').pipe(z.number().max(65_535, 'must be 65535 or less')),
    })
    .prefault({}),
  api: z.strictObject({ socket: AbsolutePath.default(AGENT_SOCKET) }).prefault({}),
  workload: z.strictObject({ user: Plain.min(1, 'must be the name of a user').default('local') }).prefault({}),
  shutdown: z
    .strictObject({
      file: AbsolutePath.default('/tmp/shutdownContainer'),
      stop_budget: Whole.prefault('50').pipe(
        least(5).max(MAX_STOP_BUDGET_SECONDS, `must be ${MAX_STOP_BUDGET_SECONDS} or less`),
      ),
    })
    .prefault({}),
});
type ConfigFile = z.infer<typeof ConfigFile>;

/** Throws CONFIG_INVALID that names file, section, key, value and what is allowed. */
export function parseConfigFile(text: string, file: string): ConfigFile {
  const { sections, faults } = readIniEntries(text);
  if (faults.length > 0) throw invalidFile(file, faults);
  const entries = [...sections].map(([name, keys]) => [name, Object.fromEntries(keys)] as const);
  const parsed = ConfigFile.safeParse(Object.fromEntries(entries), { reportInput: true });
  if (!parsed.success) throw invalid(file, parsed.error);
  return parsed.data;
}

function notSection(name: string): string {
  return `[${excerptOf(name)}] is not a section, allowed are ${Object.keys(ConfigFile.shape).join(', ')}`;
}

function notKey(section: string, name: string): string {
  return `[${section}] ${excerptOf(name)} is not a key of this section, allowed are ${Object.keys(sectionKeys(section)).join(', ')}`;
}

function invalid(file: string, error: z.ZodError): OperationalError {
  const lines = error.issues.flatMap((issue) => {
    const [section, key] = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((name) => (section ? notKey(section, name) : notSection(name)));
    }
    const where = key ? `[${section}] ${key}` : `[${section}]`;
    const value = typeof issue.input === 'string' ? quoted(issue.input) : String(issue.input);
    return [`${where} = ${value}: ${issue.message}`];
  });
  return invalidFile(file, lines, error);
}

// A file of another kind, such as YAML, has a fault in each of its lines.
const MAX_FAULTS_TOLD = 20;

/** Names and values of the file are in the faults, and the message is read on terminals. */
function invalidFile(file: string, faults: readonly string[], cause?: z.ZodError): OperationalError {
  const told = faults.slice(0, MAX_FAULTS_TOLD);
  if (faults.length > told.length) told.push(`and ${faults.length - told.length} faults more`);
  return new OperationalError('CONFIG_INVALID', {
    happened: escapeControls(`${file}: ${told.join('; ')}`),
    remedy: 'Correct the file; "wip-agent check-config" checks it again',
    cause,
  });
}

function sectionKeys(section: string): object {
  const schema = ConfigFile.shape[section as keyof typeof ConfigFile.shape] as unknown;
  return schema instanceof z.ZodPrefault ? (schema.unwrap() as z.ZodObject).shape : {};
}
