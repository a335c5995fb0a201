/** A request of an input. All fields are as the input gives them. */
export interface EcsRequest {
  /** Name of the action of ECS. */
  readonly action: string;
  readonly target: string;
  /** One header; its name is empty when there is none. */
  readonly header: { readonly name: string; readonly value: string };
  readonly body: string;
}

/** `Action @target header: value`. All parts but the first are optional. */
const HEAD = /^([^\s@]*)(?: @(\S+))?(?: ([!#$%&'*+.^`|~\w-]+): ?([^\r\n\0]*))?/;
const SEPARATOR = Buffer.from('\n==\n');
const MAX_REQUESTS = 6;

/** Returns the parts of an input, of which each is a request. */
export function splitRequests(input: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let rest = input;
  for (let at = rest.indexOf(SEPARATOR); at >= 0; at = rest.indexOf(SEPARATOR)) {
    parts.push(rest.subarray(0, at));
    rest = rest.subarray(at + SEPARATOR.length);
  }
  return [...parts, rest].slice(0, MAX_REQUESTS);
}

/** Reads a part: a head (see HEAD), a line break, and the body. Bytes that are no text become replacement characters. */
export function readRequest(part: Buffer): EcsRequest {
  const end = part.indexOf('\n');
  const head = part.subarray(0, end < 0 ? part.length : end).toString('latin1');
  const [, action = '', target = '/', name = '', value = ''] = HEAD.exec(head) ?? [];
  return { action, target, header: { name, value }, body: end < 0 ? '' : part.subarray(end + 1).toString() };
}
