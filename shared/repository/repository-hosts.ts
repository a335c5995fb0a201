import { BlockList, isIP } from 'node:net';
import { OperationalError } from '../model/error.ts';
import { canonicalHost, parseRepositoryAddress } from './repository-address.ts';

/**
 * Hosts that a repository may be on: the rules of an installation, and hosts that are always refused. Parsed from
 * `github.com, *.example.org, 10.0.0.0/8, -10.1.2.3, local`.
 */
export interface RepositoryHosts {
  readonly text: string;
  /** The setting that holds the rules, for messages. */
  readonly setting: string;
  /** True when paths and file:// addresses are allowed. */
  readonly isLocalAllowed: boolean;
  readonly allowed: HostSet;
  readonly denied: HostSet;
}

export interface HostSet {
  /** Exact names, and `.example.org` for every name below it. */
  readonly names: ReadonlySet<string>;
  readonly addresses: BlockList;
  /** Addresses that are named one by one, not as part of a range. */
  readonly exact: ReadonlySet<string>;
  readonly hasNames: boolean;
  readonly hasAddresses: boolean;
}

/**
 * Link-local addresses, and those at which clouds hand out credentials of the machine: AWS (169.254.169.254, 169.254.170.2,
 * fd00:ec2::254, EKS fd00:ec2::23), Google (fd20:ce::254), Azure (168.63.129.16), Alibaba (100.100.100.200), Oracle
 * (192.0.0.192).
 */
const METADATA_RANGES = [
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::/32',
  'fd20:ce::254',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
];
const METADATA_NAMES = [
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
];
const METADATA = createHostSet([...METADATA_RANGES, ...METADATA_NAMES]);

// RFC 1035, without the dot at its end. Each domain above a name is looked up, so the bound also keeps that short.
const LONGEST_NAME = 253;
const HOST_NAME = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/;

/** Throws CONFIG_INVALID with the first word that is not a rule. */
export function parseRepositoryHosts(text: string, setting = 'repository_hosts'): RepositoryHosts {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  const wrong = words.find((word) => !isRule(word.replace(/^-/, '')));
  if (wrong !== undefined) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${setting}: "${wrong}" is no host, *.domain, address, range such as 10.0.0.0/8, or "local"`,
      remedy: 'Write hosts with commas between them, and a - before those that are denied',
    });
  }
  const isLocal = (word: string): boolean => word === 'local';
  const denied = words.filter((word) => word.startsWith('-')).map((word) => word.slice(1));
  const allowed = words.filter((word) => !word.startsWith('-') && !isLocal(word));
  return {
    text: words.join(','),
    setting,
    isLocalAllowed: words.some(isLocal) && !denied.some(isLocal),
    allowed: createHostSet(allowed),
    denied: createHostSet(denied.filter((word) => !isLocal(word))),
  };
}

function isRule(word: string): boolean {
  const name = word.replace(/^\*\./, '');
  return word === 'local' || isRange(word) || (HOST_NAME.test(name) && canonicalHost(name) === name);
}

function isRange(word: string): boolean {
  const [address = '', bits, ...rest] = word.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function createHostSet(words: readonly string[]): HostSet {
  const addresses = new BlockList();
  const ranges = words.filter(isRange);
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) addresses.addAddress(address, family);
    else addresses.addSubnet(address, Number(bits), family);
  }
  const names = words.filter((word) => !isRange(word)).map((word) => word.replace(/^\*\./, '.'));
  const exact = new Set(ranges.filter((range) => !range.includes('/')).flatMap(spellings));
  return { names: new Set(names), addresses, exact, hasNames: names.length > 0, hasAddresses: ranges.length > 0 };
}

/** Returns why git must not be given this address, as the end of a sentence; null when nothing is known against it yet. */
export function whyAddressRefused(rules: RepositoryHosts, address: string): string | null {
  const parsed = parseRepositoryAddress(address);
  if (parsed.kind === 'refused') return parsed.why;
  if (parsed.kind === 'host') return whyHostRefused(rules, parsed.host, isIP(parsed.host) === 0 ? null : [parsed.host]);
  return rules.isLocalAllowed ? null : 'it is a path, and repositories are not on this machine';
}

/**
 * Returns why no request may go to this address, as the end of a sentence; null when nothing is known against it yet. The
 * addresses of a name are checked when the connection is made.
 */
export function whyReceiverRefused(rules: RepositoryHosts, address: string): string | null {
  const url = URL.parse(address);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return 'it is no http or https address';
  const host = canonicalHost(url.host.replace(/:\d+$/, '')) ?? '';
  return whyHostRefused(rules, host, isIP(host) === 0 ? null : [host]);
}

/** Returns why a host is refused, as `whyAddressRefused` does. `addresses` are those of its name; null while they are not known. */
export function whyHostRefused(
  rules: RepositoryHosts,
  host: string,
  addresses: readonly string[] | null,
): string | null {
  if (host.length > LONGEST_NAME) return `a host of ${host.length} characters is longer than a name may be`;
  const isNamed = hasName(rules.allowed, host);
  const all = (addresses ?? []).flatMap(spellings);
  // A wide range or a `*` does not cover these hosts: a rule must name them.
  const metadata = all.find((one) => has(METADATA, one) && !rules.allowed.exact.has(one));
  if (metadata !== undefined) return `${described(host, metadata)} belongs to the machine and not to a ${meant(rules)}`;
  if (hasName(METADATA, host) && !rules.allowed.names.has(host)) return `${host} belongs to the machine`;
  const denied = all.find((one) => has(rules.denied, one));
  if (hasName(rules.denied, host)) return `${host} is denied by ${rules.setting}`;
  if (denied !== undefined) return `${described(host, denied)} is denied by ${rules.setting}`;
  return isAllowed(rules.allowed, isNamed, addresses) ? null : `${host} is not among the allowed ${rules.setting}`;
}

function isAllowed(allowed: HostSet, isNamed: boolean, addresses: readonly string[] | null): boolean {
  if (isNamed || !(allowed.hasNames || allowed.hasAddresses)) return true;
  if (addresses === null) return allowed.hasAddresses; // where the addresses are known, they decide
  return addresses.length > 0 && addresses.every((one) => has(allowed, one));
}

/** Returns the kind of address that this setting restricts, for messages. */
function meant({ setting }: RepositoryHosts): string {
  return setting === 'outgoing_hosts' ? 'service' : 'repository';
}

function described(host: string, address: string): string {
  return host === address ? host : `${host} is ${address}, which`;
}

function hasName(set: HostSet, host: string): boolean {
  if (set.names.has(host)) return true;
  const labels = host.split('.');
  return labels.some((_, index) => set.names.has(`.${labels.slice(index + 1).join('.')}`));
}

function has(set: HostSet, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && set.addresses.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Returns an address and the IPv4 address that it carries: mapped, compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056).
 */
function spellings(address: string): string[] {
  const bare = address.replace(/%.*$/, '');
  if (isIP(bare) !== 6) return [bare];
  const whole = canonicalHost(`[${bare}]`) ?? bare;
  const words = wordsOf(whole);
  const [first = 0, second = 0] = words;
  const low = words.slice(6);
  const isZero = (from: number, to: number): boolean => words.slice(from, to).every((word) => word === 0);
  const carried: (readonly number[])[] = [];
  if (isZero(0, 5) && (words[5] === 0xffff || words[5] === 0)) carried.push(low);
  if (isZero(0, 4) && words[4] === 0xffff && words[5] === 0) carried.push(low); // translated (RFC 2765)
  if (first === 0x64 && second === 0xff9b) carried.push(low);
  if (first === 0x2002) carried.push(words.slice(1, 3));
  return [whole, ...carried.map(dotted)];
}

/** Returns the eight numbers of an IPv6 address as the URL parser writes it. */
function wordsOf(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const parse = (part: string): number[] =>
    part
      .split(':')
      .filter(Boolean)
      .map((word) => Number.parseInt(word, 16));
  const front = parse(head);
  const back = parse(tail ?? '');
  return [...front, ...Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0), ...back];
}

function dotted(words: readonly number[]): string {
  return words.flatMap((word) => [word >> 8, word & 255]).join('.');
}
