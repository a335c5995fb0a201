import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { STOP_EXIT_CODE } from '../../../agent/lifecycle/exit-codes.ts';
import { StopCause } from '../../../shared/model/stop-cause.ts';
import { STOP_CAUSES } from '../../../controlplane/containers/causes/cause-rows.ts';
import { explainStop, type StopEvidence } from '../../../controlplane/containers/causes/causes.ts';
import { launchOutcome } from '../../../controlplane/ecs/launch/launch-outcome.ts';
import { classifyEcsError } from '../../../controlplane/ecs/client/classify-ecs-error.ts';
import { explainEcsError } from '../../../controlplane/containers/causes/call-causes.ts';
import { explainRunTaskFailure } from '../../../controlplane/containers/causes/launch-causes.ts';

const Expected = { cause: z.string(), fault: z.string(), retry: z.string() };
const StopCase = z.strictObject({
  stopCode: z.string(),
  stoppedReason: z.string(),
  containerReason: z.string().optional(),
  exitCode: z.number().nullable().optional(),
  ...Expected,
});
const FailureCase = z.strictObject({ runTaskFailure: z.string(), ...Expected });
const ExceptionCase = z.strictObject({ runTaskException: z.string(), ...Expected });
const file = new URL('../../fixtures/ecs-stop-reasons.json', import.meta.url);
const { cases } = z
  .looseObject({ cases: z.array(z.union([StopCase, FailureCase, ExceptionCase])) })
  .parse(JSON.parse(readFileSync(file, 'utf8')));

function stopOf(given: Partial<StopEvidence>): StopEvidence {
  return { stopCode: null, stoppedReason: null, containerReason: null, exitCode: null, agentCause: null, ...given };
}

describe('the causes of an end', () => {
  it.each(cases.filter((each) => 'stopCode' in each))(
    'explains $stopCode, $stoppedReason, $containerReason, exit code $exitCode as $cause',
    ({ cause, fault, retry, ...given }) => {
      const stop = stopOf({
        ...given,
        containerReason: given.containerReason ?? null,
        exitCode: given.exitCode ?? null,
      });
      expect(explainStop(stop)).toMatchObject({ cause, fault, retry });
    },
  );

  it.each(Object.entries(STOP_EXIT_CODE).filter(([, code]) => code >= 70 && code <= 75))(
    'is %s when the agent ended with %i and no signal of it arrived',
    (cause, exitCode) => {
      const { cause: found, fault } = explainStop(stopOf({ stopCode: 'EssentialContainerExited', exitCode }));
      expect({ found, fault }).toEqual({
        found: cause,
        fault: explainStop(stopOf({ agentCause: StopCause.parse(cause) })).fault,
      });
    },
  );

  it('is the end of another essential container when ECS stopped a build for it, and no end of its own', () => {
    const proxy = { name: 'proxy', exitCode: 1, reason: null };
    const stop = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' };
    const ended = explainStop(stopOf({ ...stop, exitCode: 143, agentCause: 'sigterm', others: [proxy] }));
    expect(ended).toMatchObject({
      cause: 'helper-ended',
      sentence:
        'ECS stopped the container because another essential container of its task had ended (proxy: exit code 1)',
    });
    expect(ended.evidence).toContain('other container proxy: exit code 1');
    expect(explainStop(stopOf({ ...stop, exitCode: 3, others: [proxy] })).cause).toBe('container-exited');
    const byHand = { ...stop, stopCode: 'UserInitiated', exitCode: 143, others: [proxy] };
    expect(explainStop(stopOf(byHand)).cause).toBe('stopped-by-operator');
  });

  it.each(cases.filter((each) => 'runTaskFailure' in each))(
    'explains the RunTask failure $runTaskFailure as $cause',
    (each) => {
      const { cause, fault, retry } = each;
      expect(explainRunTaskFailure(each.runTaskFailure, '')).toMatchObject({ cause, fault, retry });
    },
  );

  it.each(cases.filter((each) => 'runTaskException' in each))(
    'explains the RunTask exception $runTaskException as $cause',
    (each) => {
      const { cause, fault, retry } = each;
      const error = classifyEcsError({ name: each.runTaskException, $metadata: { httpStatusCode: 400 } });
      if (!error) throw new Error(`${each.runTaskException} is not known`);
      expect(explainEcsError(error, { said: '' })).toMatchObject({ cause, fault, retry });
    },
  );

  it.each<[string, Partial<StopEvidence>, string]>([
    [
      'an exit code 0 beside an OOM',
      { exitCode: 0, containerReason: 'OutOfMemoryError: container killed' },
      'out-of-memory',
    ],
    [
      'a processor that does not fit',
      {
        stopCode: 'TaskFailedToStart',
        stoppedReason: 'CannotPullContainerError: no matching manifest for linux/arm64/v8 in the manifest list entries',
      },
      'image-wrong-platform',
    ],
    [
      'a binary that does not fit',
      { stopCode: 'EssentialContainerExited', containerReason: 'exec /wip-agent: exec format error', exitCode: 255 },
      'image-wrong-platform',
    ],
    [
      'a registry that times out',
      {
        stopCode: 'TaskFailedToStart',
        stoppedReason:
          'CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: dial tcp 10.0.0.1:443: i/o timeout',
      },
      'image-registry-unreachable',
    ],
    [
      'rights that are missing',
      {
        stopCode: 'TaskFailedToStart',
        stoppedReason:
          'CannotPullECRContainerError: AccessDeniedException: User is not authorized to perform ecr:BatchGetImage: access denied',
      },
      'image-access-denied',
    ],
    [
      'a mount that cannot be made',
      { stopCode: 'TaskFailedToStart', stoppedReason: 'CannotCreateVolumeError: EFS utils failed' },
      'volume-failed',
    ],
    [
      'a start that failed for reasons unknown',
      { stopCode: 'TaskFailedToStart', stoppedReason: 'Something new' },
      'unknown',
    ],
    ['a start that failed and nothing more', { stopCode: 'TaskFailedToStart' }, 'start-failed'],
    [
      'an end without an exit code',
      { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' },
      'exit-code-unknown',
    ],
    [
      'a stop of ours',
      { stopCode: 'UserInitiated', stoppedReason: 'wip: the task was terminated', exitCode: 143 },
      'stopped-by-wip',
    ],
    ['an agent without a configuration', { stopCode: 'EssentialContainerExited', exitCode: 78 }, 'agent-configuration'],
    ['a host that was stopped', { stoppedReason: 'Host EC2 (instance i-1) stopped.' }, 'host-lost'],
    ['an unhealthy machine', { stopCode: 'InfrastructureHealth' }, 'infrastructure-unhealthy'],
    [
      'a limit that the agent enforced',
      { stopCode: 'EssentialContainerExited', exitCode: 70, agentCause: 'limit-disk' },
      'limit-disk',
    ],
    [
      'a SIGTERM that Spot sent',
      { stopCode: 'SpotInterruption', agentCause: 'sigterm', exitCode: 143 },
      'spot-interruption',
    ],
    ['nothing at all', {}, 'exit-code-unknown'],
  ])('explains %s', (_name, given, cause) => {
    expect(explainStop(stopOf(given)).cause).toBe(cause);
  });

  it('puts what ECS said into the sentence, and keeps all of it as evidence', () => {
    const stop = stopOf({ stopCode: 'UserInitiated', stoppedReason: 'cleaning $& up.', exitCode: 143 });
    expect(explainStop(stop)).toMatchObject({
      sentence: 'Somebody stopped the container in ECS (cleaning $& up)',
      evidence: ['ECS stop code: UserInitiated', 'ECS reason: cleaning $& up.', 'exit code: 143'],
    });
  });

  it.each([
    [{}, 'The container needed more memory than its limit and was killed', []],
    [
      { memoryLimitBytes: 4_294_967_296 },
      'The container needed more memory than its limit of 4.3 GB and was killed',
      ['memory limit: 4.3 GB'],
    ],
    [
      { memoryLimitBytes: 512_000_000, memoryPeakBytes: 498_000_000 },
      'The container needed more memory than its limit of 512 MB and was killed; the highest use that was measured is 498 MB',
      ['memory limit: 512 MB', 'memory at its highest: 498 MB'],
    ],
  ])('puts limit and peak into the sentence about memory, as far as they are known: %o', (figures, sentence, facts) => {
    const stop = stopOf({ containerReason: 'OutOfMemoryError: Container killed', exitCode: 137, ...figures });
    const found = explainStop(stop);
    expect(found).toMatchObject({ cause: 'out-of-memory', fault: 'user', sentence });
    expect(found.evidence.filter((line) => line.startsWith('memory'))).toEqual(facts);
    expect(explainStop({ ...stop, containerReason: null }).sentence).not.toContain('MB');
  });

  it('never takes a missing exit code for 0', () => {
    expect(explainStop(stopOf({ exitCode: null })).cause).not.toBe(explainStop(stopOf({ exitCode: 0 })).cause);
    expect(explainStop(stopOf({ exitCode: null })).evidence).toContain('exit code: unknown');
  });

  it('leaves the final full stop to whoever shows the sentence', () => {
    expect(new Set(STOP_CAUSES.map((row) => row.sentence.endsWith('.')))).toEqual(new Set([false]));
    expect(new Set(STOP_CAUSES.map((row) => row.remedy.endsWith('.')))).toEqual(new Set([false]));
  });

  it('explains anything whatever', () => {
    const text = fc.option(fc.string(), { nil: null });
    const agentCause = fc.option(fc.constantFrom(...StopCause.options), { nil: null });
    const stop = fc.record({
      stopCode: text,
      stoppedReason: text,
      containerReason: text,
      exitCode: fc.option(fc.nat(255), { nil: null }),
      agentCause,
    });
    fc.assert(
      fc.property(stop, (given) => {
        const { cause, sentence, remedy } = explainStop(given);
        expect([cause, sentence, remedy].every((said) => said !== '')).toBe(true);
      }),
    );
  });
});

describe('what RunTask’s answer means', () => {
  it.each([
    [
      { kind: 'started', arn: 'a' },
      { kind: 'launched', arn: 'a' },
    ],
    [
      { kind: 'conflict', arns: ['b'], sentence: '' },
      { kind: 'launched', arn: 'b' },
    ],
    [
      { kind: 'conflict', arns: [], sentence: '' },
      { kind: 'refused', cause: 'request-conflict' },
    ],
    [
      { kind: 'failed', failures: [{ reason: 'RESOURCE:CPU', detail: '' }] },
      { kind: 'no_resources', cause: 'no-capacity' },
    ],
    [
      { kind: 'failed', failures: [{ reason: 'Capacity is unavailable at this time', detail: '' }] },
      { kind: 'no_resources', cause: 'no-capacity' },
    ],
    [
      { kind: 'failed', failures: [{ reason: 'AGENT', detail: '' }] },
      { kind: 'no_resources', cause: 'host-agent-disconnected' },
    ],
    [
      { kind: 'failed', failures: [{ reason: 'ATTRIBUTE', detail: '' }] },
      { kind: 'refused', cause: 'placement-impossible' },
    ],
    [
      { kind: 'error', error: 'invalid', name: 'ClientException', sentence: 'TaskDefinition is inactive' },
      { kind: 'refused', cause: 'definition-missing' },
    ],
    [
      {
        kind: 'error',
        error: 'invalid',
        name: 'ClientException',
        sentence: "You've reached the limit: Tasks provisioning capacity limit exceeded.",
      },
      { kind: 'no_resources' },
    ],
    [
      { kind: 'error', error: 'invalid', name: 'InvalidParameterException', sentence: 'No.' },
      { kind: 'refused', cause: 'request-refused' },
    ],
    [
      { kind: 'error', error: 'access-denied', name: 'AccessDeniedException', sentence: 'No.' },
      { kind: 'no_information', cause: 'access-denied' },
    ],
    [
      { kind: 'error', error: 'unavailable', name: 'ECONNRESET', sentence: '' },
      { kind: 'no_information', cause: 'ecs-unavailable' },
    ],
  ] as const)('%o', (answer, outcome) => {
    expect(launchOutcome(answer)).toMatchObject(outcome);
  });
});
