import { z } from 'zod';
import type { WipClass } from '../../controlplane/tasks/wip-class.ts';
import type { TaskSettings } from '../../controlplane/tasks/task-settings.ts';
import { OperationalError } from '../../shared/model/error.ts';
import type { RepositoryHosts } from '../../shared/repository/repository-hosts.ts';
import { shown } from '../../shared/text/shown-value.ts';
import { checkGivenKinds } from './check-given-kind.ts';
import { parseGiven } from './parse-given.ts';
import { DEFAULT_SETTINGS } from './world/default-settings.ts';

/** What a simulation needs beside its script, and what is no data. */
export interface SimulatedWorld {
  /** Kinds of child tasks, beside those that every installation has. */
  readonly kinds?: readonly WipClass[];
  /** Settings of the installation; those left out have their defaults. */
  readonly settings?: Partial<TaskSettings>;
  /**
   * Opens `secure:` values of build files. By default `sealed x` is opened as `opened sealed x`, and so is what "wipctl encrypt"
   * has made; other texts were never sealed, and are refused as a node refuses them.
   */
  readonly decryptBuildValue?: (text: string) => Promise<string>;
  /** The time at which the task is added. */
  readonly start?: Date;
  /** The simulation stops after so many entries of the recording (10,000). */
  readonly maxSteps?: number;
}

/** The same with every default. */
export interface CheckedWorld {
  readonly kinds: readonly WipClass[];
  readonly settings: TaskSettings;
  readonly decryptBuildValue: (text: string) => Promise<string>;
  readonly start: Date;
  readonly maxSteps: number;
}

const EARLIEST = new Date('1970-01-01T00:00:00Z');
const LATEST = new Date('9999-01-01T00:00:00Z');
const MOST_STEPS = 10_000_000;

const Seconds = z.number().min(0);
const Hosts = z.custom<RepositoryHosts>(
  (given) => typeof given === 'object' && given !== null && 'allowed' in given && 'denied' in given,
  { error: ({ input }) => `must be rules of hosts, as context.settings has them, and is ${shown(input)}` },
);

const Settings = z.strictObject({
  buildTool: z.array(z.string()).min(1),
  repositoryHosts: Hosts,
  outgoingHosts: Hosts,
  maxDiskPercent: z.number().min(0).max(100),
  maxContainerSeconds: Seconds.nullable(),
  pipelines: z.strictObject({ statsKey: z.string().nullable(), statsScope: z.enum(['task', 'installation']) }),
  askAfterSeconds: Seconds,
  giveUpAfterSeconds: Seconds,
  startSeconds: Seconds,
} satisfies Record<keyof TaskSettings, z.ZodType>);

const World = z.strictObject({
  kinds: z.array(z.unknown()).optional(),
  settings: Settings.partial().optional(),
  decryptBuildValue: z
    .custom<CheckedWorld['decryptBuildValue']>((given) => typeof given === 'function', 'must be a function')
    .optional(),
  start: z
    .custom<Date>((given) => given instanceof Date && given >= EARLIEST && given <= LATEST, {
      error: ({ input }) => `must be a Date from 1970 to 9999, and is ${shown(input)}`,
    })
    .optional(),
  maxSteps: z.int().min(1).max(MOST_STEPS).optional(),
});

const DEFAULT_WORLD: CheckedWorld = {
  kinds: [],
  settings: DEFAULT_SETTINGS,
  decryptBuildValue: openPretended,
  start: new Date('2026-01-01T00:00:00Z'),
  maxSteps: 10_000,
};

/** Throws TestkitError for what no simulation can be given. */
export function checkWorld(given: unknown): CheckedWorld {
  if (given === undefined) return DEFAULT_WORLD;
  const { kinds = [], settings, ...rest } = parseGiven('The options of the simulation are', World, given);
  return {
    ...DEFAULT_WORLD,
    ...withoutUndefined(rest),
    kinds: checkGivenKinds(kinds),
    settings: { ...DEFAULT_SETTINGS, ...withoutUndefined(settings ?? {}) },
  };
}

/** A field that is there and undefined is one that was left out. */
function withoutUndefined<T extends object>(given: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}

// The name of a placeholder, or what a node may have sealed: a JSON Web Encryption, or the format before it.
const SEALED = /^\s*(sealed\b|wipb1\.|[\w-]+(\.[\w-]*){4}\s*$)/;

function openPretended(text: string): Promise<string> {
  if (SEALED.test(text)) return Promise.resolve(`opened ${text}`);
  const refused = new OperationalError('SEALED_UNREADABLE', {
    happened: 'A value is damaged, or was never sealed for this installation',
    remedy: 'In a simulation, begin it with the word "sealed", or give simulateTask a decryptBuildValue of your own',
  });
  return Promise.reject(refused);
}
