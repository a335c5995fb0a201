import { parse as parseIni } from 'ini';
import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import { AGENT_SOCKET } from '../../shared/protocol/agent-api.ts';

// ECS kills 2 s after SIGTERM at the least and 120 s at the most (stopTimeout); nobody needs a longer budget.
const MAX_STOP_BUDGET_SECONDS = 120;

/** A number as people write it. */
export const FIGURE = /^\d+(\.\d+)?$/;
const Figure = z.string().regex(FIGURE, 'must be a number such as 10 or 1.73').transform(Number);
const Whole = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number);
const AbsolutePath = z.string().startsWith('/', 'must be an absolute path');
// The ini parser makes true and false of these words by itself.
const Switch = z.boolean({ error: 'must be true or false' });

const Disk = z.strictObject({
  initial_size: Figure.prefault('0'),
  max_workload: Figure.prefault('10'),
  max_inodes: Whole.prefault('0'),
  method: z.enum(['auto', 'statfs', 'changed-files']).default('auto'),
  paths: z
    .string()
    .prefault('/')
    .transform((text) => text.split(',').map((path) => path.trim()))
    .pipe(z.array(AbsolutePath).min(1)),
  reserve: Figure.prefault('0.064'),
});

/** config.ini as people write it: keys with units of the file (GB, seconds), every one with its default. */
const ConfigFile = z.strictObject({
  disk: Disk.prefault({}),
  time: z
    .strictObject({
      max_workload: Whole.prefault('3600').pipe(z.number().min(1)),
      no_progress: Whole.prefault('600'),
      last_words: Whole.prefault('900'),
    })
    .prefault({}),
  memory: z.strictObject({ report_oom: Switch.default(true) }).prefault({}),
  ssh: z
    .strictObject({
      server: z.enum(['embedded', 'openssh']).default('embedded'),
      port: Whole.prefault('22').pipe(z.number().max(65_535)),
    })
    .prefault({}),
  api: z.strictObject({ socket: AbsolutePath.default(AGENT_SOCKET) }).prefault({}),
  workload: z.strictObject({ user: z.string().min(1).default('local') }).prefault({}),
  shutdown: z
    .strictObject({
      file: AbsolutePath.default('/tmp/shutdownContainer'),
      stop_budget: Whole.prefault('50').pipe(z.number().min(5).max(MAX_STOP_BUDGET_SECONDS)),
    })
    .prefault({}),
});
type ConfigFile = z.infer<typeof ConfigFile>;

/** Throws CONFIG_INVALID that names file, section, key, value and what is allowed. */
export function parseConfigFile(text: string, file: string): ConfigFile {
  const odd = findOddLines(text);
  if (odd.length > 0) throw invalidFile(file, odd);
  const parsed = ConfigFile.safeParse(parseIni(text), { reportInput: true });
  if (!parsed.success) throw invalid(file, parsed.error);
  return parsed.data;
}

/**
 * Finds mistakes that the parser accepts: a key that is given twice, of which only the last would hold, and a key before
 * any section. Returns a sentence for each.
 */
function findOddLines(text: string): string[] {
  const firstLines = new Map<string, number>();
  let section: string | null = null;
  return text.split(/\r?\n/).flatMap((whole, index) => {
    const line = whole.trim();
    const [, header] = /^\[([^\]]*)\]$/.exec(line) ?? [];
    if (header !== undefined) {
      section = header;
      return [];
    }
    const [, key] = /^([^;#=][^=]*?)\s*(?:=|$)/.exec(line) ?? [];
    if (key === undefined) return [];
    if (section === null) return [`line ${index + 1}: ${key} stands before any section`];
    const name = `[${section}] ${key}`;
    const first = firstLines.get(name);
    if (first !== undefined) return [`${name} is given twice, in lines ${first} and ${index + 1}`];
    firstLines.set(name, index + 1);
    return [];
  });
}

function invalid(file: string, error: z.ZodError): OperationalError {
  const lines = error.issues.flatMap((issue) => {
    const [section, key] = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      const allowed = Object.keys(section ? sectionKeys(section) : ConfigFile.shape).join(', ');
      const known = `allowed are ${allowed}`;
      return issue.keys.map((name) =>
        section
          ? `[${section}] ${name} is not a key of this section, ${known}`
          : `[${name}] is not a section, ${known}`,
      );
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
