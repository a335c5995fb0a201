import { z } from 'zod';
import type { WantedSize } from '../../containers/rules/wanted-size.ts';
import type { ContainerLimits } from '../context.ts';
import type { OptionsOf } from '../options-of.ts';
import type { TaskSettings } from '../task-settings.ts';

export const CONTAINER_OPTION_FIELDS = {
  /** Gigabytes (10^9 bytes) that the workload may write; unset: the image's config.ini decides. */
  containerMaxDisk: z.number().positive().max(100_000).optional(),
  /** Seconds that the container may live; unset: the image's config.ini decides. */
  containerMaxTime: z
    .number()
    .int()
    .positive()
    .max(30 * 86_400)
    .optional(),
  /** Units of cpu, 1,024 of a vCPU; unset: the task definition decides. The most is that of ECS, 192 vCPU. */
  containerCpu: z.number().int().min(128).max(196_608).optional(),
  /** MiB of memory; unset: the task definition decides. The least is ours: the agent alone needs some 80. */
  containerMemory: z.number().int().min(128).max(16_777_216).optional(),
  /** GiB of disk of a task on Fargate; unset: the task definition decides. */
  containerStorage: z.number().int().min(21).max(200).optional(),
  /** Clusters for its containers, separated by commas, in the order in which they are tried; unset: those of the group. */
  cluster: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}(,[A-Za-z0-9_-]{1,64}){0,7}$/, 'names of clusters, separated by commas')
    .optional(),
  /** Whether the container is released at the end of the task. */
  release_on_exit: z.boolean().default(true),
  /** Whether to stop the container through ECS instead of asking its agent. */
  terminate_on_exit: z.boolean().default(false),
  /** Whether the task waits for the end of a stop through ECS. */
  waitForStop: z.boolean().default(true),
};
const ContainerWipOptions = z.strictObject(CONTAINER_OPTION_FIELDS);
/** An interface, so that the compiler names it in its messages. A class that extends it spreads CONTAINER_OPTION_FIELDS. */
export interface ContainerWipOptions extends z.infer<typeof ContainerWipOptions> {}
export const CONTAINER_OPTIONS: OptionsOf<ContainerWipOptions, z.input<typeof ContainerWipOptions>> = {
  schema: ContainerWipOptions,
  sealed: [],
};

/** Returns the size that the options ask for. */
export function containerSizeOf(options: ContainerWipOptions): WantedSize {
  const { containerCpu: cpu, containerMemory: memoryMib, containerStorage: storageGib } = options;
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memoryMib === undefined ? {} : { memoryMib }),
    ...(storageGib === undefined ? {} : { storageGib }),
  };
}

/** Returns the limits of the options, with the maximum time that the installation allows. */
export function containerLimitsOf(options: ContainerWipOptions, settings: TaskSettings): ContainerLimits {
  const wanted = options.containerMaxTime;
  const cap = settings.maxContainerSeconds;
  const maxTimeSeconds = wanted !== undefined && cap !== null ? Math.min(wanted, cap) : (wanted ?? cap ?? undefined);
  return {
    ...(maxTimeSeconds === undefined ? {} : { maxTimeSeconds }),
    ...(options.containerMaxDisk === undefined ? {} : { maxDiskGb: options.containerMaxDisk }),
  };
}
