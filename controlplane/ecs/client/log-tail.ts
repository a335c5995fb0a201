import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import type { Logger } from '../../../shared/system/logger.ts';
import { nameOf } from './classify-ecs-error.ts';
import { sdkOptions, type SdkParts } from './sdk-options.ts';
import { endpointOf } from './aws-connection.ts';

/** Where the `awslogs` driver writes what a container prints. */
export interface LogStream {
  readonly group: string;
  readonly stream: string;
  /** Null: the region of the cluster. */
  readonly region: string | null;
}

const Definition = z.object({
  containerDefinitions: z
    .array(
      z.object({
        name: z.string(),
        logConfiguration: z
          .object({ logDriver: z.string(), options: z.record(z.string(), z.string()).optional() })
          .optional(),
      }),
    )
    .min(1),
});

/**
 * Returns the stream of the build's container; null when its definition names none. The driver calls it
 * `prefix/container/task id`; without a prefix it is called after the container's id in the engine, which ECS tells only
 * of containers that have started ("Using the awslogs log driver", Amazon ECS developer guide).
 */
export function findLogStream(definition: unknown, taskArn: string): LogStream | null {
  const parsed = Definition.safeParse(definition);
  const [build] = parsed.success ? parsed.data.containerDefinitions : [];
  if (build?.logConfiguration?.logDriver !== 'awslogs') return null;
  const options = build.logConfiguration.options ?? {};
  const [group, prefix] = [options['awslogs-group'], options['awslogs-stream-prefix']];
  const taskId = taskArn.split('/').at(-1) ?? '';
  if (!group || !prefix || taskId === '') return null;
  return { group, stream: `${prefix}/${build.name}/${taskId}`, region: options['awslogs-region'] ?? null };
}

/** Evidence is read by people: what a program says before it dies stands in its last lines. */
const LINES = 20;
/** The end of a task waits for it, and no longer. */
const TIMEOUT_MS = 3_000;
// Evidence is part of a row that is read with each step (containers/causes/end-cause.ts cuts at 2,048).
const MAX_CHARACTERS = 1_900;

export interface LogTail {
  /** Returns the last lines of the stream as one text; null when there is none, or no answer in time. Never rejects. */
  read(stream: LogStream): Promise<string | null>;
}

/** Reads CloudWatch Logs. That part of the SDK is loaded when it is first needed, and its client closed again. */
export function createLogTail(parts: SdkParts, log: Pick<Logger, 'info'>): LogTail {
  return {
    async read(stream) {
      if (endpointOf('logs', parts.cluster) === 'none') return null;
      try {
        return cut(await readLines(parts, stream));
      } catch (error) {
        // A definition may name a group that nobody may read. What the container printed is a help, not a witness.
        log.info({ err: error, reason: nameOf(error), ...stream }, 'the log of a container could not be read');
        return null;
      }
    },
  };
}

async function readLines(parts: SdkParts, { group, stream, region }: LogStream): Promise<string[]> {
  const logs = await import('@aws-sdk/client-cloudwatch-logs');
  const options = sdkOptions('logs', parts);
  const client: CloudWatchLogsClient = new logs.CloudWatchLogsClient({ ...options, ...(region ? { region } : {}) });
  try {
    const command = new logs.GetLogEventsCommand({
      logGroupName: group,
      logStreamName: stream,
      limit: LINES,
      startFromHead: false,
    });
    const { events = [] } = await client.send(command, { abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
    return events.slice(-LINES).map(({ message }) => (message ?? '').trimEnd());
  } finally {
    client.destroy();
  }
}

function cut(lines: readonly string[]): string | null {
  const text = lines.join('\n').replaceAll('\0', '\u{FFFD}').trim();
  if (text === '') return null;
  return text.length > MAX_CHARACTERS ? `…${text.slice(-MAX_CHARACTERS)}` : text;
}
