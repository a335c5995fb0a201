import { parse as parseIni, unsafe as unquote } from 'ini';
import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import { AGENT_SOCKET } from '../../shared/protocol/agent-api.ts';

// ECS kills 2 s after SIGTERM at the least and 120 s at the most (stopTimeout); nobody needs a longer budget.
const MAX_STOP_BUDGET_SECONDS = 120;

/** A number as people write it. */
export const FIGURE = /^\d+(\.\d+)?$/;
// A key without a value is `true` to the ini parser, and one with [] a list.
const Text = z.string({ error: 'must be one value, written as "key = value"' });
const Figure = Text.regex(FIGURE, 'must be a number such as 10 or 1.73').transform(Number);
const Whole = Text.regex(/^\d{1,9}$/, 'must be a whole number').transform(Number);
const AbsolutePath = Text.startsWith('/', 'must be an absolute path');
const least = (value: number): z.ZodNumber => z.number().min(value, `must be ${value} or more`);
// The ini parser makes true and false of these words by itself.
const Switch = z.boolean({ error: 'must be true or false' });

const Disk = z.strictObject({
  initial_size: Figure.prefault('0'),
  // With 0 the first byte would end the container.
  max_workload: Figure.prefault('10').pipe(z.number().positive('must be more than 0')),
  max_inodes: Whole.prefault('0'),
  method: z.enum(['auto', 'statfs', 'changed-files']).default('auto'),
  paths: Text.prefault('/')
    .transform((text) => text.split(',').map((path) => path.trim()))
    .pipe(z.array(AbsolutePath).min(1)),
  reserve: Figure.prefault('0.064'),
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
  memory: z.strictObject({ report_oom: Switch.default(true) }).prefault({}),
  ssh: z
    .strictObject({
      server: z.enum(['embedded', 'openssh']).default('embedded'),
      port: Whole.prefault('22').pipe(z.number().max(65_535, 'must be 65535 or less')),
    })
    .prefault({}),
  api: z.strictObject({ socket: AbsolutePath.default(AGENT_SOCKET) }).prefault({}),
  workload: z.strictObject({ user: Text.min(1, 'must be the name of a user').default('local') }).prefault({}),
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
  const lines = linesOf(text);
  const odd = findOddLines(lines);
  if (odd.length > 0) throw invalidFile(file, odd);
  const parsed = ConfigFile.safeParse(parseIni(lines.join('\n')), { reportInput: true });
  if (!parsed.success) throw invalid(file, parsed.error);
  return parsed.data;
}

const SECTION = /^\s*\[([^\]]*)\]\s*(?:[;#].*)?$/;

/**
 * Returns the lines without what editors add (a byte order mark, the line ends of other systems), and without a comment behind
 * the name of a section, with which the parser would take the line for a key.
 */
function linesOf(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  return lines.map((line) => line.replace(SECTION, (_, name: string) => `[${name}]`));
}

/**
 * Finds mistakes that the parser accepts: a key that is given twice, of which only the last would hold, a key before any
 * section, and a name that the parser leaves out. Returns a sentence for each.
 */
function findOddLines(lines: readonly string[]): string[] {
  const firstLines = new Map<string, number>();
  let section: string | null = null;
  return lines.flatMap((whole, index) => {
    const line = whole.trim();
    const [, header] = SECTION.exec(line) ?? [];
    if (header !== undefined) {
      section = unquote(header);
      return section === '__proto__' ? [notSection(section)] : [];
    }
    const [, written] = /^([^;#=][^=]*?)\s*(?:=|$)/.exec(line) ?? [];
    if (written === undefined) return [];
    if (written.startsWith('[')) return [`line ${index + 1}: ${written} has no "]"`];
    if (section === null) return [`line ${index + 1}: ${written} stands before any section`];
    const key = unquote(written);
    if (key === '__proto__') return [notKey(section, key)];
    const name = `[${section}] ${key}`;
    const first = firstLines.get(name);
    if (first !== undefined) return [`${name} is given twice, in lines ${first} and ${index + 1}`];
    firstLines.set(name, index + 1);
    return [];
  });
}

function notSection(name: string): string {
  return `[${name}] is not a section, allowed are ${Object.keys(ConfigFile.shape).join(', ')}`;
}

function notKey(section: string, name: string): string {
  return `[${section}] ${name} is not a key of this section, allowed are ${Object.keys(sectionKeys(section)).join(', ')}`;
}

function invalid(file: string, error: z.ZodError): OperationalError {
  const lines = error.issues.flatMap((issue) => {
    const [section, key] = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((name) => (section ? notKey(section, name) : notSection(name)));
    }
    const where = key ? `[${section}] ${key}` : `[${section}]`;
    return [`${where} = ${JSON.stringify(issue.input ?? null)}: ${issue.message}`];
  });
  return invalidFile(file, lines, error);
}

function invalidFile(file: string, faults: readonly string[], cause?: z.ZodError): OperationalError {
  return new OperationalError('CONFIG_INVALID', {
    happened: `${file}: ${faults.join('; ')}`,
    remedy: 'Correct the file; "wip-agent check-config" checks it again',
    cause,
  });
}

function sectionKeys(section: string): object {
  const schema = ConfigFile.shape[section as keyof typeof ConfigFile.shape] as unknown;
  return schema instanceof z.ZodPrefault ? (schema.unwrap() as z.ZodObject).shape : {};
}
