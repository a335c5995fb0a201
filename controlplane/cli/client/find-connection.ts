import { OperationalError } from '../../../shared/model/error.ts';
import type { CliContext } from '../cli-context.ts';
import { DEV_FILE, findDevFile } from './dev-file.ts';
import { whyNoServerAddress, whyNoToken } from './server-address.ts';
import { contextNamed, readContexts } from './saved-contexts.ts';

export interface Connection {
  readonly url: string;
  readonly token: string;
  /** What named the server, for people: `the context "ci"`, `WIP_SERVER`. */
  readonly from?: string;
  /** Name of the saved context that is used; null when it is another server. */
  readonly contextName?: string | null;
  /** A sentence about a choice that a person may not expect. */
  readonly notice?: string;
}

export interface ConnectionOptions {
  readonly server?: string;
  readonly token?: string;
  readonly context?: string;
}

type ConnectionContext = Pick<CliContext, 'environment' | 'cwd'>;

interface Server {
  readonly url: string;
  readonly from: string;
  readonly contextName: string | null;
  /** Tokens that may be sent there, the best first. */
  readonly tokens: readonly (string | undefined)[];
  readonly notice?: string;
}

/** Returns the server to call. Throws an error with a remedy when no server is known, or no token for it. */
export function findConnection(options: ConnectionOptions, context: ConnectionContext): Connection {
  const server = findServer(options, context);
  const { from, contextName, notice } = server;
  const url = server.url.trim(); // a file that it was read from ends with a line break
  checkUrl(url);
  const token = options.token ?? server.tokens.find((one) => one !== undefined && one !== '');
  if (token !== undefined) {
    return { url, token: checkedToken(token, url), from, contextName, ...(notice !== undefined && { notice }) };
  }
  throw new OperationalError('UNAUTHORIZED', {
    happened: `There is no token for ${url}`,
    remedy: 'Give one with --token, set WIP_TOKEN, or save it with "wipctl context add"',
  });
}

/**
 * Looks in this order: --server, --context, WIP_SERVER, WIP_CONTEXT, `.wip/dev.json` of this directory or one above it,
 * the current context. A token is a secret of its server: a saved one is sent to its own address only, and WIP_TOKEN only to
 * a server that the command or WIP_SERVER names.
 */
function findServer(options: ConnectionOptions, { environment, cwd }: ConnectionContext): Server {
  const { WIP_SERVER: variable, WIP_TOKEN: token, WIP_CONTEXT: contextVariable } = environment;
  if (options.server !== undefined && options.context !== undefined) throw bothGiven();
  const named = (name: string, how: string): Server => {
    const { server, token: itsToken } = contextNamed(name, readContexts(environment));
    return { url: server, from: `the context "${name}" (${how})`, contextName: name, tokens: [itsToken] };
  };
  const at = (url: string, from: string): Server => {
    const isGiven = options.token !== undefined || Boolean(token);
    const tokens = isGiven ? [token] : tokensSavedFor(url, { environment, cwd });
    return { url, from, contextName: null, tokens };
  };
  if (options.server !== undefined) return at(options.server, '--server');
  if (options.context !== undefined) return named(options.context, '--context');
  if (variable) return at(variable, 'WIP_SERVER');
  if (contextVariable) return named(contextVariable, 'WIP_CONTEXT');
  const { current } = readContexts(environment);
  const { found: dev, passedOver } = findDevFile(cwd);
  const skipped = passedOver.join(' ');
  if (dev !== null) {
    const covers = `This command goes to ${dev.url}, as ${dev.path} says, and not to the current context "${current}".`;
    const notice = current === null ? {} : { notice: covers };
    return { url: dev.url, from: dev.path, contextName: null, tokens: [dev.token], ...notice };
  }
  if (current === null) throw nobodyKnown(cwd, skipped);
  return { ...named(current, 'the current one'), ...(skipped !== '' && { notice: skipped }) };
}

/** Returns the tokens of "wipctl dev" and of the contexts whose address this is. */
function tokensSavedFor(url: string, { environment, cwd }: ConnectionContext): string[] {
  const { found: dev } = findDevFile(cwd);
  const saved = Object.values(readContexts(environment).contexts).map(({ server, token }) => ({ url: server, token }));
  return [...(dev ? [dev] : []), ...saved].filter((one) => sameAddress(one.url, url)).map(({ token }) => token);
}

function checkUrl(url: string): void {
  const why = whyNoServerAddress(url);
  if (why === null) return;
  throw new OperationalError('USAGE', {
    happened: why,
    remedy: 'Give one such as http://127.0.0.1:8090',
  });
}

/**
 * Returns the token without the line break of a file. A token with characters that no header can hold is refused without showing
 * it, because it may be a part of a secret.
 */
function checkedToken(text: string, url: string): string {
  const token = text.trim();
  const why = whyNoToken(token);
  if (why === null) return token;
  throw new OperationalError('USAGE', {
    happened: `The token for ${url} ${why}`,
    remedy: 'Give it as "wipctl tokens create" printed it, with nothing around it',
  });
}

function sameAddress(one: string, other: string): boolean {
  const origin = URL.parse(one)?.origin;
  return origin !== undefined && origin === URL.parse(other)?.origin;
}

function bothGiven(): OperationalError {
  return new OperationalError('USAGE', {
    happened: 'Both --server and --context name a server',
    remedy: 'Leave one of them out',
  });
}

function nobodyKnown(cwd: string, skipped: string): OperationalError {
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `No control plane is known: none is named by --server, --context, WIP_SERVER or WIP_CONTEXT, there is no ${DEV_FILE} of yours in ${cwd} or above it, and no context is in use${skipped === '' ? '' : `. ${skipped.replace(/\.$/, '')}`}`,
    remedy:
      'Start one here with "wipctl dev", name one with --server and --token, or save one with "wipctl context add"',
  });
}
