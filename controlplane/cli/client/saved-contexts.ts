import { chmodSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { nearestName } from '../../../shared/text/nearest-name.ts';
import type { CliContext } from '../cli-context.ts';
import { readIfThere } from './dev-file.ts';

/** A name that is short, and that a shell takes without quotes. */
export const ContextName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/);
const SavedContext = z.strictObject({ server: z.url({ protocol: /^https?$/ }), token: z.string().min(1) });
export type SavedContext = z.infer<typeof SavedContext>;

/** Control planes with a token each, under names that their user chose. */
export const SavedContexts = z.strictObject({
  /** The context of commands that name no server. */
  current: z.string().nullable(),
  contexts: z.record(ContextName, SavedContext),
});
export type SavedContexts = z.infer<typeof SavedContexts>;

type Environment = CliContext['environment'];

/** Returns where the contexts are kept (XDG Base Directory Specification); undefined without a home directory. */
function contextsFile(environment: Environment): string | undefined {
  const { XDG_CONFIG_HOME: configHome, HOME: home } = environment;
  // The specification ignores a relative path.
  if (configHome?.startsWith('/')) return join(configHome, 'wip', 'contexts.json');
  return home ? join(home, '.config', 'wip', 'contexts.json') : undefined;
}

/** Returns no contexts when there is no file. Throws CONFIG_INVALID, also for a file that others may read. */
export function readContexts(environment: Environment): SavedContexts {
  const path = contextsFile(environment);
  const text = path === undefined ? undefined : readIfThere(path, 'Make it readable, or give --server and --token');
  if (path === undefined || text === undefined) return { current: null, contexts: {} };
  // The file holds tokens, so it is refused as OpenSSH refuses a key that others may read.
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${path} holds tokens, and other users of this machine may read it`,
      remedy: `Run "chmod 600 ${path}", and renew its tokens if anybody did`,
    });
  }
  try {
    return withoutPasswords(SavedContexts.parse(JSON.parse(text)));
  } catch (cause) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${path} is not what "wipctl context" writes: ${cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : messageOf(cause)}`,
      remedy: 'Correct it, or delete it and add its contexts again with "wipctl context add"',
      cause,
    });
  }
}

/** A person may have written an address with a name and password. Wip uses neither, and what shows an address must not show them. */
function withoutPasswords({ current, contexts }: SavedContexts): SavedContexts {
  const plain = Object.entries(contexts).map(([name, saved]) => {
    const { username, password } = new URL(saved.server);
    if (username === '' && password === '') return [name, saved] as const;
    const server = Object.assign(new URL(saved.server), { username: '', password: '' }).href.replace(/\/+$/, '');
    return [name, { ...saved, server }] as const;
  });
  return { current, contexts: Object.fromEntries(plain) };
}

/** Replaces the file as a whole, so that a reader never sees half of it. Throws CONFIG_INVALID. */
export function writeContexts(environment: Environment, contexts: SavedContexts): void {
  const path = contextsFile(environment);
  if (path === undefined) throw cannotWrite('Neither XDG_CONFIG_HOME nor HOME is set');
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(unfinished, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 });
    chmodSync(unfinished, 0o600); // one that a crash left keeps its mode when it is written again
    renameSync(unfinished, path);
  } catch (cause) {
    throw cannotWrite(`${path} cannot be written: ${messageOf(cause)}`, cause);
  }
}

function cannotWrite(why: string, cause?: unknown): OperationalError {
  return new OperationalError('CONFIG_INVALID', {
    happened: `The context was not saved. ${why}`,
    remedy: 'Set XDG_CONFIG_HOME to a directory that you may write to',
    cause,
  });
}

/** Returns the saved context of this name. Throws USAGE with the existing names. */
export function contextNamed(name: string, { contexts }: SavedContexts): SavedContext {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (found) return found;
  const names = Object.keys(contexts);
  const nearest = nearestName(name, names);
  const known = names.length === 0 ? 'there is none yet' : `there are ${names.join(', ')}`;
  throw new OperationalError('USAGE', {
    happened: `There is no context "${name}"; ${nearest === null ? known : `perhaps "${nearest}" is meant`}`,
    remedy: 'See them with "wipctl context list", make one with "wipctl context add"',
  });
}
