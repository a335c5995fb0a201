import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { Name } from '../../shared/model/identifier.ts';
import { PRIORITY, type Priority } from '../../shared/model/status.ts';
import { fieldProblemText, sayProblem } from '../../shared/text/field-problems.ts';
import { isBaseAddress } from '../../shared/text/shown-address.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { parseYamlSource, type ConfigSource } from '../ecs/config/yaml-source.ts';
import { parseOptions } from '../tasks/wip-class.ts';
import { BUILD_STEPS } from '../tasks/kinds.ts';
import { HOOK_EVENTS, type Hook } from './hook.ts';
import type { HookService } from './verify-delivery.ts';

const Pattern = z.string().min(1).max(512);
const OneOrMore = z.union([Pattern.transform((one) => [one]), z.array(Pattern).min(1)]);
const File = z.string().min(1);
// 48 bits: a file has hundreds of entries at most.
const ID_DIGITS = 12;

/** What a delivery decides itself. */
const OF_DELIVERY = /^(vcsPath|vcsCommit|mergeRef|event|commitStatus.*)$/;

const HookEntry = z.strictObject({
  repository: OneOrMore,
  secret: z.string().trim().min(1).optional(),
  secret_file: File.optional(),
  events: z.array(z.enum(HOOK_EVENTS)).min(1).default(['push']),
  branches: OneOrMore.default([]),
  forks: z.boolean().default(false),
  supersedes: z.boolean().default(false),
  clone: z.enum(['https', 'ssh']).default('https'),
  group: Name.optional(),
  priority: z.enum(Object.keys(PRIORITY) as [Priority, ...Priority[]]).optional(),
  options: z.record(z.string(), z.unknown()).default({}),
  /** Options whose values are texts of files: keys. */
  option_files: z.record(z.string(), File).default({}),
  status: z
    .strictObject({
      token: z.string().trim().min(1).optional(),
      token_file: File.optional(),
      endpoint: z
        .url({ protocol: /^https?$/ })
        .refine(isBaseAddress, 'must be an address without user, password, query and fragment; the token is enough')
        .optional(),
      context: z.string().min(1).max(255).default('wip'),
    })
    .optional(),
});
type HookEntry = z.infer<typeof HookEntry>;

const HooksFile = z.strictObject({
  github: z.array(HookEntry).default([]),
  gitlab: z.array(HookEntry).default([]),
});

const ENDPOINTS: Readonly<Record<HookService, string>> = {
  github: 'https://api.github.com',
  gitlab: 'https://gitlab.com/api/v4',
};

interface HooksSettings {
  readonly hooks_file?: string | undefined;
  /** The text of such a file, which names no others. */
  readonly hooks?: string | undefined;
}

/** Returns the text of a file that an entry names. */
type ReadFile = (name: string) => string;

/** Returns the hooks of an installation; none where neither setting is given. Throws CONFIG_INVALID with every mistake. */
export function readHooks({ hooks_file: path, hooks: text }: HooksSettings): Hook[] {
  if (path !== undefined && text !== undefined) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: 'The webhooks are given twice, by hooks_file and by hooks',
      remedy: 'Leave one of the two settings out',
    });
  }
  // Paths are relative to the file.
  if (path !== undefined)
    return parseHooks(path, readText(path, path), (name) => readText(resolve(dirname(path), name), name));
  return text === undefined ? [] : parseHooks('the setting hooks', text, refuseFile);
}

function refuseFile(name: string): never {
  throw new Error(`the setting hooks has no files beside it: give what ${name} holds in its place`);
}

function parseHooks(path: string, text: string, file: ReadFile): Hook[] {
  const source = parseQuietly(path, text);
  const parsed = HooksFile.safeParse(source.data, { error: sayProblem });
  if (!parsed.success)
    throw invalid(
      path,
      parsed.error.issues.map((issue) => say(source, issue)),
      parsed.error,
    );
  const problems: string[] = [];
  const entries = (['github', 'gitlab'] as const).flatMap((service) =>
    parsed.data[service].map((entry, index) => ({ service, entry, at: [service, index] as const })),
  );
  const hooks = entries.map(({ service, entry, at }) => {
    try {
      return readHook(service, entry, file);
    } catch (error) {
      problems.push(`${source.locationOf(at) ?? path}: ${messageOf(error)}`);
      return [];
    }
  });
  if (problems.length > 0) throw invalid(path, problems);
  return tellApart(hooks.flat());
}

/** What YAML cannot read is quoted in its messages, and here it is a secret as likely as not: only the place is told. */
function parseQuietly(path: string, text: string): ConfigSource {
  try {
    return parseYamlSource(path, text);
  } catch (error) {
    const position = /line \d+(?:, column \d+)?/.exec(messageOf(error).slice(path.length))?.[0];
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${path}${position === undefined ? '' : ` ${position}`} is not YAML; what stands there is not shown, because it may be a secret`,
      remedy:
        'Correct it: indentation is by spaces, and a value with a colon, or one that begins with a sign, needs quotes',
    });
  }
}

function readHook(service: HookService, entry: HookEntry, file: ReadFile): Hook {
  const secrets = hereOrThere({ name: 'secret', here: entry.secret, there: entry.secret_file }, file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (secrets.length === 0) throw new Error(`${entry.secret_file} holds no secret`);
  const texts = Object.entries(entry.option_files).map(([name, from]) => [name, file(from).trimEnd()]);
  const options = { ...entry.options, ...Object.fromEntries(texts) };
  checkOptions(options);
  return {
    service,
    id: idOf(entry),
    repositories: entry.repository,
    secrets: secrets.map((secret) => new Secret(secret)),
    events: entry.events,
    branches: entry.branches,
    forks: entry.forks,
    supersedes: entry.supersedes,
    clone: entry.clone,
    group: entry.group,
    priority: entry.priority,
    options,
    status: entry.status
      ? {
          token: new Secret(
            hereOrThere({ name: 'token', here: entry.status.token, there: entry.status.token_file }, file).trim(),
          ),
          endpoint: entry.status.endpoint ?? ENDPOINTS[service],
          context: entry.status.context,
        }
      : null,
  };
}

function hereOrThere(
  {
    name,
    here,
    there,
  }: { readonly name: string; readonly here: string | undefined; readonly there: string | undefined },
  file: ReadFile,
): string {
  if (here !== undefined && there !== undefined) throw new Error(`${name} and ${name}_file are given both`);
  if (here !== undefined) return here;
  if (there === undefined) throw new Error(`${name} or ${name}_file is missing`);
  return file(there);
}

/**
 * What says for which deliveries an entry is, and what its builds are called: its place in the file may change. Its secret and the file of
 * it are not part of that, because a secret is replaced.
 */
function idOf({ repository, events, branches, group }: HookEntry): string {
  return sha256Hex(JSON.stringify([repository, events, branches, group])).slice(0, ID_DIGITS);
}

/** Entries for the same deliveries are counted, for each service. */
function tellApart(hooks: readonly Hook[]): Hook[] {
  return hooks.map((hook, index) => {
    const before = hooks.slice(0, index).filter(({ service, id }) => service === hook.service && id === hook.id).length;
    return before === 0 ? hook : { ...hook, id: `${hook.id}-${before + 1}` };
  });
}

/** A mistake in the options shows when the node starts, and not with the first push. */
function checkOptions(options: Readonly<Record<string, unknown>>): void {
  const ofDelivery = Object.keys(options).filter((name) => OF_DELIVERY.test(name));
  if (ofDelivery.length > 0) throw new Error(`options ${ofDelivery.join(', ')}: the webhook gives them; remove them`);
  parseOptions(BUILD_STEPS, { vcsUri: 'https://git.example/app.git', ...options, vcsPath: 'main' });
}

function say(source: ConfigSource, issue: z.core.$ZodIssue): string {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  return `${source.locationOf(path) ?? source.name}: ${fieldProblemText({ path: path.join('.'), message: issue.message })}`;
}

function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${shown} cannot be read: ${messageOf(cause)}`,
      remedy: 'Give the path of a file that the node may read',
      cause,
    });
  }
}

function invalid(path: string, problems: readonly string[], cause?: unknown): OperationalError {
  return new OperationalError('CONFIG_INVALID', {
    happened: `The webhooks of ${path} are not valid: ${problems.join('; ')}`,
    remedy: 'Correct the named places; controlplane/hooks/README.md says what there is',
    cause,
  });
}
