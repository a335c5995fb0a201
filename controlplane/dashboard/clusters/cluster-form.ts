import type { ClusterView } from '../../api/clusters/cluster-views.ts';
import type { operations } from '../../api/openapi/api-types.ts';
import {
  CONNECTION_FLAGS,
  CONNECTION_TEXTS,
  FLAGS,
  LAUNCH_TEXTS,
  LAUNCH_ORDER,
  TEXTS,
  type FlagPath,
  type LaunchType,
  type TextPath,
} from './cluster-fields.ts';

/** What stands in the form, as it was typed. */
export interface ClusterForm {
  readonly texts: Readonly<Record<TextPath, string>>;
  readonly flags: Readonly<Record<FlagPath, boolean>>;
  readonly launchType: LaunchType;
  readonly credentials: 'node' | 'key';
  readonly address: 'private' | 'public';
}

type ClusterBody = operations['putClustersName']['requestBody']['content']['application/json'];

/** Returns the form of a cluster that is stored, or of a new one. No form begins with a secret. */
export function formOf(known: ClusterView | null): ClusterForm {
  const launch = known?.launch ?? {};
  const connection = known?.connection ?? {};
  const valueAt = (path: string): unknown => {
    const [head = '', key = ''] = path.split('.');
    if (head === 'launch') return launch[key];
    return head === 'connection' ? connection[key] : undefined;
  };
  const plain: Partial<Record<string, string | null>> = {
    name: known?.name,
    region: known?.region,
    cluster: known?.cluster,
    accessKeyId: known?.accessKeyId,
    roleArn: known?.roleArn,
    externalId: known?.externalId,
    endpoint: known?.endpoint,
    fallback: known?.fallback.join(' '),
  };
  return {
    texts: mapKeys(TEXTS, (path) => plain[path] ?? textOf(valueAt(path))),
    flags: mapKeys(FLAGS, (path) => valueAt(path) === true),
    launchType: launchTypeOf(launch['type']),
    credentials: (known?.accessKeyId ?? null) === null ? 'node' : 'key',
    address: connection['address'] === 'public' ? 'public' : 'private',
  };
}

/** Returns what is sent. The server judges it; only what was left empty, or belongs to another choice, is not sent. */
export function clusterBodyOf(form: ClusterForm): ClusterBody {
  const text = (path: TextPath): string => form.texts[path].trim();
  const given = (path: TextPath): { readonly [path: string]: string } =>
    text(path) === '' ? {} : { [path]: text(path) };
  return {
    region: text('region'),
    cluster: text('cluster'),
    launch: launchOf(form),
    connection: connectionOf(form),
    fallback: wordsIn(text('fallback')),
    ...given('roleArn'),
    ...given('externalId'),
    ...given('endpoint'),
    ...(form.credentials === 'key' && {
      ...given('accessKeyId'),
      ...given('secretAccessKey'),
      ...given('sessionToken'),
    }),
  };
}

/** Returns the form without what was typed as a secret. */
export function withoutSecrets(form: ClusterForm): ClusterForm {
  return { ...form, texts: { ...form.texts, secretAccessKey: '', sessionToken: '' } };
}

function launchOf({ texts, flags, launchType }: ClusterForm): Record<string, unknown> {
  const own = LAUNCH_TEXTS[launchType].map((path) => [path.slice('launch.'.length), launchValue(path, texts[path])]);
  const isPublic = launchType !== 'ec2' && flags['launch.assignPublicIp'];
  return {
    type: launchType,
    ...Object.fromEntries(own.filter(([, value]) => value !== null)),
    ...(isPublic && { assignPublicIp: true }),
  };
}

/** Null: left empty. */
function launchValue(path: TextPath, text: string): unknown {
  if (text.trim() === '') return null;
  switch (path) {
    case 'launch.providers':
      return linesIn(text).map(providerOf);
    case 'launch.placementConstraints':
      return linesIn(text).map(constraintOf);
    case 'launch.subnets':
    case 'launch.securityGroups':
      return wordsIn(text);
    default:
      return text.trim();
  }
}

function providerOf(line: string): Record<string, unknown> {
  const [name, weight, ...base] = wordsIn(line);
  return {
    name,
    ...(weight !== undefined && { weight: numberIn(weight) }),
    ...(base.length > 0 && { base: numberIn(base.join(' ')) }),
  };
}

function constraintOf(line: string): Record<string, unknown> {
  const [type = '', expression] = line.split(/\s+(.*)/s);
  return { type, ...(expression !== undefined && { expression }) };
}

/** A text that is no number is sent as it was typed, and the server says so. */
function numberIn(word: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : word;
}

function connectionOf({ texts, flags, address }: ClusterForm): Record<string, unknown> {
  const ofConnection = (path: string): boolean => path.startsWith('connection.');
  const key = (path: string): string => path.slice('connection.'.length);
  const given = CONNECTION_TEXTS.filter((path) => ofConnection(path) && texts[path].trim() !== '');
  return {
    ...Object.fromEntries(given.map((path) => [key(path), texts[path].trim()])),
    ...Object.fromEntries(CONNECTION_FLAGS.filter((path) => flags[path]).map((path) => [key(path), true])),
    ...(address === 'public' && { address }),
  };
}

/** What a line of several words consists of, in this order: the database keeps no order of keys. */
const LINE_KEYS = ['name', 'weight', 'base', 'type', 'expression'];

/** The inverse of what `launchOf` and `connectionOf` make of a text. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return typeof value === 'string' ? value : '';
  const isOfLines = value.some((one) => typeof one === 'object');
  return value
    .map((one: unknown) => (isOfLines ? lineOf(new Map(Object.entries(one ?? {}))) : one))
    .join(isOfLines ? '\n' : ' ');
}

function lineOf(entry: ReadonlyMap<string, unknown>): string {
  return LINE_KEYS.filter((key) => entry.has(key))
    .map((key) => String(entry.get(key)))
    .join(' ');
}

function launchTypeOf(value: unknown): LaunchType {
  return LAUNCH_ORDER.find((type) => type === value) ?? 'ec2';
}

const wordsIn = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');
const linesIn = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

function mapKeys<K extends string, V>(of: Readonly<Record<K, unknown>>, value: (key: K) => V): Record<K, V> {
  return Object.fromEntries((Object.keys(of) as K[]).map((key) => [key, value(key)])) as Record<K, V>;
}
