import type { CauseRow } from '../cause-row.ts';

/** First of the rows that read messages: an exit code 0 beside an out-of-memory kill is no success. */
export const MEMORY_CAUSES: readonly CauseRow[] = [
  {
    cause: 'memory-limit-too-low',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The memory limit of the container is too low to start it ({reason})',
    remedy: 'Raise the memory of the task definition in config.ecs.yml',
    when: { pattern: /memory limit too low|Minimum memory limit allowed/i },
  },
  {
    cause: 'out-of-memory',
    fault: 'user',
    retry: 'never',
    sentence: 'The container needed more memory than its limit and was killed',
    remedy: 'Make the build use less memory, or raise the memory limit of the task definition',
    // The same name behind a dot is an error of a Java program that wrote the message.
    when: { pattern: /(?<![\w.:-])OutOfMemory(Error)?\b|\bOOM ?Killed\b|\bkilled due to memory usage\b/ },
  },
  {
    cause: 'host-memory-full',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The machine that should run the container has no memory left',
    remedy: 'Run the build again; if it happens often, reserve more memory for the tasks or for the machine itself',
    when: { pattern: /\bcannot allocate memory\b/i },
  },
];
