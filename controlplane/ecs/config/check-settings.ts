import { z } from 'zod';
import { membersAt, typeFaults, type ModelledRequest } from '../definition/definition-model.ts';
import { DefinitionSettings } from '../definition/definition-schema.ts';
import { nearestName } from '../../../shared/text/nearest-name.ts';
import { RESERVED_FOR_RUN_TASK } from './run-task-settings.ts';
import type { ConfigPath } from './yaml-source.ts';

export interface SettingFinding {
  readonly path: ConfigPath;
  readonly message: string;
}

export interface CheckedSettings {
  readonly problems: readonly SettingFinding[];
  readonly warnings: readonly SettingFinding[];
}

/** The key of settings that go to RunTask instead of RegisterTaskDefinition. */
const RUN_TASK = 'runTask';

/**
 * Checks the settings of a task definition: by our schema, and keys that it has not by the SDK's model. What ECS knows is
 * accepted with a warning, what it does not know is a mistake.
 */
export function checkSettings(settings: unknown): CheckedSettings {
  const result = DefinitionSettings.safeParse(settings);
  const issues = (result.error?.issues ?? []).flatMap(describe);
  const unknown = unknownKeys(DefinitionSettings, settings, []).map(judge);
  return {
    problems: [...issues, ...unknown.flatMap(({ problems }) => problems)],
    warnings: [...unknown.flatMap(({ warnings }) => warnings), ...(result.data ? initWarnings(result.data) : [])],
  };
}

/** Without an init the agent is process 1 and refuses to start, because nobody would reap what builds leave behind. */
function initWarnings({ containerDefinitions: [build] }: DefinitionSettings): SettingFinding[] {
  if (build?.linuxParameters?.initProcessEnabled !== false) return [];
  const message = 'the agent refuses to be process 1: the image must start an init of its own, such as tini';
  return [{ path: ['containerDefinitions', 0, 'linuxParameters', 'initProcessEnabled'], message }];
}

function describe(issue: z.core.$ZodIssue): SettingFinding[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key], message: refusal(key, keysAt(path) ?? []) }));
}

interface UnknownKey {
  readonly path: ConfigPath;
  readonly key: string;
  readonly value: unknown;
  /** Keys of our schema at this place. */
  readonly ours: readonly string[];
}

/** Lists the keys that the schema lets through without knowing them. */
function unknownKeys(type: z.core.$ZodType, value: unknown, path: ConfigPath): UnknownKey[] {
  const inner = type instanceof z.ZodOptional ? type.unwrap() : type;
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => unknownKeys(inner.element, item, [...path, index]));
  }
  if (!(inner instanceof z.ZodObject) || typeof value !== 'object' || value === null) return [];
  const { shape } = inner;
  // A strict object has told its own.
  const isLoose = inner.def.catchall instanceof z.ZodUnknown;
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) => {
    const next: unknown = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (next instanceof z.ZodType) return unknownKeys(next, each, [...path, key]);
    return isLoose ? [{ path, key, value: each, ours: Object.keys(shape) }] : [];
  });
}

function judge({ path, key, value, ours }: UnknownKey): CheckedSettings {
  const isRunTask = path[0] === RUN_TASK;
  const request: ModelledRequest = isRunTask ? 'RunTask' : 'RegisterTaskDefinition';
  const inRequest = isRunTask ? path.slice(1) : path;
  const full = [...path, key];
  const reserved = isRunTask && path.length === 1 ? RESERVED_FOR_RUN_TASK[key] : undefined;
  if (reserved !== undefined) return { problems: [{ path: full, message: `is set by ${reserved}` }], warnings: [] };
  const known = membersAt(request, inRequest) ?? [];
  if (!known.includes(key)) {
    return { problems: [{ path: full, message: refusal(key, [...new Set([...ours, ...known])]) }], warnings: [] };
  }
  const faults = typeFaults(request, [...inRequest, key], value);
  const problems = faults.map((fault) => ({ ...fault, path: isRunTask ? [RUN_TASK, ...fault.path] : fault.path }));
  return { problems, warnings: [{ path: full, message: 'is passed on to Amazon ECS; only its type was checked' }] };
}

function refusal(key: string, allowed: readonly string[]): string {
  const nearest = nearestName(key, allowed);
  return `is not known${nearest === null ? '; allowed' : `, did you mean ${nearest}? Allowed`}: ${allowed.join(', ')}`;
}

/** Returns the keys of a strict object of our schema. */
function keysAt(path: ConfigPath): readonly string[] | null {
  let type: unknown = DefinitionSettings;
  for (const part of path) {
    const inner: unknown = type instanceof z.ZodOptional ? type.unwrap() : type;
    if (inner instanceof z.ZodObject) type = inner.shape[part] as unknown;
    else if (inner instanceof z.ZodArray) type = inner.element;
    else return null;
  }
  const last: unknown = type instanceof z.ZodOptional ? type.unwrap() : type;
  return last instanceof z.ZodObject ? Object.keys(last.shape) : null;
}
