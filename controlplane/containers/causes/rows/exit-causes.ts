import type { CauseRow } from '../cause-row.ts';

const UNKNOWN: Omit<CauseRow, 'when'> = {
  cause: 'unknown',
  fault: 'system',
  retry: 'never',
  sentence: 'The container ended for a reason that is not known here: {reason}',
  remedy: 'Read the message of ECS; if it is clear what it means, report it, so that the next build says it',
};

// ECS's own words for every container that ends by itself.
const NOT_SAID_BY_ECS = /^(?!Essential container\b)(?=\S)/i;

/** Messages that no row knows. They come before the exit codes: a code does not explain an end that ECS explains. */
export const UNKNOWN_CAUSES: readonly CauseRow[] = [
  // Nothing has run in it, so another launch does no harm; the number of launches is bounded.
  { ...UNKNOWN, retry: 'launch-again', when: { stopCode: 'TaskFailedToStart' } },
  { ...UNKNOWN, when: { stopCode: /^(?!EssentialContainerExited$)(?=\S)/ } },
  { ...UNKNOWN, when: { stoppedReason: NOT_SAID_BY_ECS } },
  { ...UNKNOWN, when: { exitCode: null, pattern: NOT_SAID_BY_ECS } },
];

/** Ends that only the exit code explains. */
export const EXIT_CAUSES: readonly CauseRow[] = [
  {
    cause: 'exit-code-unknown',
    fault: 'system',
    retry: 'never',
    sentence: 'The container ended and ECS does not know its exit code',
    remedy: 'Run the build again; the log of the machine it ran on may say more',
    when: { exitCode: null },
  },
  {
    cause: 'agent-configuration',
    fault: 'configuration',
    retry: 'never',
    // 78 is EX_CONFIG of sysexits.h; the agent exits with it when it cannot use its config.ini.
    sentence: 'The agent could not use its configuration and ended with exit code 78',
    remedy: 'Run `wip-agent check-config` in the image and correct /etc/buildcontainer/config.ini',
    when: { exitCode: 78 },
  },
  {
    cause: 'killed',
    fault: 'system',
    retry: 'never',
    sentence:
      'The container was killed (exit code 137) before its agent had reported, and nothing says that memory was the reason',
    remedy:
      'Run the build again; if it happens again, look at the memory limit of the container and at the log of the machine',
    when: { exitCode: 137, endedBefore: 'report' },
  },
  {
    cause: 'killed',
    fault: 'system',
    retry: 'never',
    sentence: 'The container was killed (exit code 137) and nothing says that memory was the reason',
    remedy: 'Run the build again; if it happens again, look at the memory of the build and at the log of the machine',
    when: { exitCode: 137 },
  },
  {
    cause: 'stopped',
    fault: 'system',
    retry: 'never',
    sentence: 'The container was told to stop (exit code 143)',
    remedy: 'Run the build again if nobody meant to stop it',
    when: { exitCode: 143 },
  },
  {
    cause: 'agent-never-reported',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The container ended by itself with exit code {exitCode}, and its agent never reported',
    remedy:
      'Look at the log of the container: its image, its entrypoint or its configuration is the likely fault, and no build has run in it',
    when: { endedBefore: 'report' },
  },
  {
    cause: 'container-exited',
    fault: 'system',
    retry: 'never',
    sentence: 'The container ended by itself with exit code {exitCode} before its agent was ready',
    remedy: 'Look at the log of the container: its agent had reported, and no build has run in it',
    when: { endedBefore: 'ready' },
  },
  {
    cause: 'container-exited',
    fault: 'system',
    retry: 'never',
    sentence: 'The container ended by itself with exit code {exitCode}',
    remedy: 'Look at the last output of the build; the agent should not end before its work is done',
    when: {},
  },
];

/** The end of a build's container that ECS stopped because another container of its task had ended; the reason names them. */
export const HELPER_ENDED = {
  cause: 'helper-ended',
  fault: 'configuration',
  retry: 'never',
  sentence: 'ECS stopped the container because another essential container of its task had ended ({reason})',
  remedy:
    'Look at the log of that container; where builds go on without it, set essential to false for it in config.ecs.yml',
} as const satisfies Omit<CauseRow, 'when'>;
