import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { CONTROL_PLANE_FIELDS } from '../../../controlplane/config-fields.ts';
import { PRIORITY, type Priority } from '../../../shared/model/status.ts';
import { messageOf } from '../../../shared/model/error.ts';
import { shown } from '../../../shared/text/shown-value.ts';
import { Duration } from '../duration.ts';
import { checkGivenKinds } from '../check-given-kind.ts';
import { parseGiven } from '../parse-given.ts';
import type { AddTaskOptions, Awaited, KitSetting, StartWipOptions } from '../started-wip.ts';
import { TestkitError } from '../testkit-error.ts';
import { checkAgentScript } from './task-scripts.ts';

// A lease is ten minutes at most, which is six seconds of real time at this speed.
const MOST_SPEED = 100;
// Each has a pool of connections and an engine of its own, in one process.
const MOST_NODES = 100;

/** `speed` and the script have checks of their own, and the settings belong to the control plane. */
const Options = z.strictObject({
  agents: z.enum(['simulated', 'process']).optional(),
  entrypoint: z.array(z.string()).min(1).optional(),
  kinds: z.array(z.unknown()).optional(),
  script: z.unknown().optional(),
  nodes: z.int().min(1).max(MOST_NODES).optional(),
  nodesRun: z.enum(['here', 'processes']).optional(),
  databaseUrl: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be an address such as postgres://127.0.0.1:5432/postgres' })
    .optional(),
  speed: z.number().optional(),
  settings: z.strictObject(CONTROL_PLANE_FIELDS).partial().optional(),
} satisfies Record<keyof StartWipOptions, z.ZodType>);

/** Throws TestkitError for options that no system can be started with, and KIND_INVALID for a kind that no node takes. */
export function checkStartOptions(options: StartWipOptions): void {
  parseGiven('The options of startWip are', Options, options);
  checkTogether(options);
  checkSettings(options.settings);
  if (options.entrypoint) checkEntrypoint(options.entrypoint);
  const { script = {}, kinds = [] } = options;
  checkAgentScript(script);
  if (script.takeovers?.length) throw new TestkitError('takeovers: give them to one task, in the script of addTask');
  checkGivenKinds(kinds.filter((kind) => typeof kind !== 'string'));
}

/** Settings that each system of a test has for itself, and where a test has a say in them. */
const SETTINGS_OF_KIT: Record<KitSetting, string> = {
  database_url: 'give the server as databaseUrl',
  public_url: 'it is the url of what startWip returns',
  node: 'nodes are named node-1, node-2 and so on',
  master_key: 'each system has a key of its own',
  master_key_file: 'each system has a key of its own',
};

function checkSettings(settings: object = {}): void {
  for (const [name, why] of Object.entries(SETTINGS_OF_KIT)) {
    if (Object.hasOwn(settings, name)) throw new TestkitError(`settings.${name}: startWip decides this one; ${why}`);
  }
}

function checkEntrypoint([program]: readonly string[]): void {
  if (program === undefined || !path.isAbsolute(program)) {
    throw new TestkitError(
      `entrypoint: ${shown(program)} is no absolute path: containers run in directories of their own`,
    );
  }
  try {
    accessSync(program, constants.X_OK);
  } catch (cause) {
    throw new TestkitError(`entrypoint: ${program} cannot be run: ${messageOf(cause)}`, { cause });
  }
}

function checkTogether(options: StartWipOptions): void {
  const { speed = 1, nodesRun = 'here', agents = 'simulated', entrypoint, script, kinds = [] } = options;
  if (speed !== 1 && (nodesRun === 'processes' || agents === 'process')) {
    throw new TestkitError('speed: the time of processes is real; use nodes that run here and simulated agents');
  }
  if (!(speed >= 1 && speed <= MOST_SPEED)) throw new TestkitError(`speed: ${speed} is not from 1 to ${MOST_SPEED}`);
  if (script && agents === 'process') {
    throw new TestkitError('script: agents that are processes run real programs; only simulated agents have scripts');
  }
  if (entrypoint && agents !== 'process') {
    throw new TestkitError("entrypoint: a simulated agent is no program; add agents: 'process'");
  }
  const unnamed = kinds.find((kind) => typeof kind !== 'string');
  if (nodesRun === 'processes' && unnamed) {
    const { kind } = unnamed as { kind: string };
    throw new TestkitError(`kinds: a process cannot be handed the class ${kind}; give the file of its module`);
  }
}

const MoreOfTask = z.strictObject({
  title: z.string().optional(),
  group: z.string().optional(),
  priority: z.enum(Object.keys(PRIORITY) as [Priority, ...Priority[]]).optional(),
  script: z.unknown().optional(),
} satisfies Record<keyof AddTaskOptions, z.ZodType>);

/** Throws TestkitError for what no task can be given beside its options. */
export function checkMoreOfTask(more: AddTaskOptions): void {
  parseGiven('What addTask is given beside the options is', MoreOfTask, more);
  if (more.script !== undefined) checkAgentScript(more.script);
}

const TaskNumber = z.union([z.int().min(1), z.object({ id: z.int().min(1) })], {
  error: 'must be a task, or its number',
});
const AwaitedGiven = z.union(
  [
    z.literal('end'),
    z.custom<(task: never) => boolean>((given) => typeof given === 'function'),
    z.strictObject({ state: z.string().min(1) }),
  ],
  { error: 'must be "end", { state }, or a function of the task' },
);

/** Throws TestkitError for what nothing can be waited for. */
export function checkAwaited(task: unknown, what: Awaited, within: Duration): void {
  if (isPromise(task)) throw new TestkitError('until: the task is a promise: write "await" before addTask');
  parseWhole('until: the task', TaskNumber, task);
  parseWhole('until: what is awaited', AwaitedGiven, what);
  parseWhole('until: the time within which:', Duration, within);
}

function isPromise(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'then' in given;
}

/** No form of these unions is nearer to the given value than another, so the whole is shown. */
function parseWhole(what: string, schema: z.ZodType, given: unknown): void {
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new TestkitError(`${what} ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
}
