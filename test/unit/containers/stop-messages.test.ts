import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { STOP_CAUSES } from '../../../controlplane/containers/causes/cause-rows.ts';
import { explainStop, type StopEvidence } from '../../../controlplane/containers/causes/causes.ts';
import { Fault, Retry } from '../../../shared/model/fault.ts';
import { explainDescribedTask } from '../../../controlplane/containers/causes/explain-described.ts';

const Case = z.strictObject({
  stopCode: z.string().nullable().default(null),
  stoppedReason: z.string(),
  containerReason: z.string().nullable().default(null),
  exitCode: z.number().nullable().default(null),
  cause: z.string(),
  fault: Fault,
  retry: Retry,
});
const file = new URL('../../fixtures/ecs-stop-messages.json', import.meta.url);
const { cases } = z.looseObject({ cases: z.array(Case) }).parse(JSON.parse(readFileSync(file, 'utf8')));

function stopOf(given: Partial<StopEvidence>): StopEvidence {
  return { stopCode: null, stoppedReason: null, containerReason: null, exitCode: null, agentCause: null, ...given };
}

function causeOf(stoppedReason: string, stopCode: string | null = 'TaskFailedToStart'): string {
  return explainStop(stopOf({ stopCode, stoppedReason })).cause;
}

describe('real messages of ECS', () => {
  it.each(cases)('$cause: $stoppedReason $containerReason', ({ cause, fault, retry, ...given }) => {
    const found = explainStop(stopOf(given));
    expect({ cause: found.cause, fault: found.fault, retry: found.retry }).toEqual({ cause, fault, retry });
  });

  it('has a message for each row but those that only an exit code decides', () => {
    const shown = new Set(cases.map(({ cause }) => cause));
    const byCodeOnly = ['exit-code-unknown', 'agent-configuration', 'killed', 'stopped', 'infrastructure-unhealthy'];
    // Rows of ends that the agent's silence decides beside the code; `killed` has such a row beside its other one.
    byCodeOnly.push('agent-never-reported', 'killed');
    const missing = STOP_CAUSES.map(({ cause }) => cause).filter((cause) => !shown.has(cause));
    expect(missing.sort()).toEqual(byCodeOnly.sort());
  });

  it('finds the same in the reason of the container as in that of the task', () => {
    const messages = cases.filter(({ stopCode, cause }) => stopCode === 'TaskFailedToStart' && cause !== 'unknown');
    for (const { stoppedReason, cause } of messages.filter(({ stoppedReason }) => /Error\b/.test(stoppedReason))) {
      const given = {
        stopCode: 'TaskFailedToStart',
        stoppedReason: 'Task failed to start',
        containerReason: stoppedReason,
      };
      expect({ message: stoppedReason, cause: explainStop(stopOf(given)).cause }).toEqual({
        message: stoppedReason,
        cause,
      });
    }
  });
});

describe('a name in a message', () => {
  const pulls = 'CannotPullContainerError: Error response from daemon: manifest for ';
  it.each([
    `${pulls}registry.example/oomkilled:OOMKilled not found: manifest unknown`,
    `${pulls}registry.example/OutOfMemoryError:9 not found: manifest unknown`,
    `${pulls}toomanyrequests:1 not found: manifest unknown`,
    `${pulls}registry.example/no-such-host/timeout:eof not found: manifest unknown`,
    `${pulls}registry.example/exec-format-error:1.0 not found: manifest unknown`,
    `${pulls}"registry.example/toomanyrequests" not found: manifest unknown`,
    `${pulls}unauthorized:latest not found: manifest unknown`,
    `${pulls}x509:latest not found: manifest unknown`,
    'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/spot-interruption:ENOSPC: not found',
  ])('decides nothing: %s', (message) => {
    expect(causeOf(message)).toBe('image-not-found');
  });

  it.each([
    [
      "error while creating mount source path '/mnt/no space left on device': mkdir /mnt: permission denied",
      'volume-failed',
    ],
    [
      'exec: "/opt/OutOfMemoryError/run": stat /opt/OutOfMemoryError/run: no such file or directory',
      'entrypoint-missing',
    ],
    ['exec: "/opt/port is already allocated/run": no such file or directory', 'entrypoint-missing'],
    ['exec: "/opt/i/o/net/http/run": permission denied', 'entrypoint-missing'],
  ])('decides nothing as a path: %s', (message, cause) => {
    expect(causeOf(`CannotStartContainerError: Error response from daemon: ${message}`)).toBe(cause);
  });

  it('decides nothing in the reason that an operator gave', () => {
    expect(causeOf('CannotPullContainerError: toomanyrequests: was the last one', 'UserInitiated')).toBe(
      'stopped-by-operator',
    );
  });

  it.each(['my-OutOfMemoryError-handler failed', 'java.lang.OutOfMemoryError: Java heap space', 'a.InternalError: x'])(
    'is not the error of that name: %s',
    (message) => {
      expect(causeOf(message)).toBe('unknown');
    },
  );
});

describe('a message that nobody knows', () => {
  it.each([null, 'TaskFailedToStart', 'EssentialContainerExited', 'NewStopCode'])('is no guess (%s)', (stopCode) => {
    const stoppedReason = 'A capacitor of the registry timed its access out.';
    const { cause, fault, sentence, evidence } = explainStop(stopOf({ stopCode, stoppedReason, exitCode: 143 }));
    expect({ cause, fault }).toEqual({ cause: 'unknown', fault: 'system' });
    expect(sentence).toContain('A capacitor of the registry timed its access out');
    expect(evidence).toContain(`ECS reason: ${stoppedReason}`);
  });

  it.each([null, '', '   '])('is not there when ECS says nothing: %j', (stoppedReason) => {
    const end = { fault: 'system', retry: 'never' };
    expect(explainStop(stopOf({ stoppedReason }))).toMatchObject({ ...end, cause: 'exit-code-unknown' });
    expect(explainDescribedTask({ stoppedReason, containers: [{ reason: stoppedReason }] })).toMatchObject({
      ...end,
      cause: 'unknown',
    });
  });

  it('keeps its whole text as evidence and a part of it in the sentence', () => {
    const stoppedReason = `Strange: ${'x'.repeat(5_000)}`;
    const { sentence, evidence } = explainStop(stopOf({ stoppedReason }));
    expect(sentence.length).toBeLessThan(600);
    expect(evidence).toContain(`ECS reason: ${stoppedReason}`);
  });

  it('shows no control characters', () => {
    const stoppedReason = 'Strange\u0000\u001b[31m thing\r\nhappened\u0007';
    expect(explainStop(stopOf({ stoppedReason })).sentence).not.toMatch(/\p{Cc}/u);
    expect(causeOf('CannotPullContainerError:\u0000 no space\nleft on device')).toBe('host-disk-full');
    expect(causeOf('CannotPullContainerError:\n\tmanifest unknown')).toBe('image-not-found');
  });

  it('is read in no time, however it repeats itself', () => {
    const words = fc.constantFrom(
      'CannotPullContainerError: ',
      'not authorized ',
      'EBS volume ',
      '"',
      "'",
      'a/',
      'x:',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), fc.integer({ min: 1, max: 400 }), (parts, times) => {
        expect(causeOf(parts.join('').repeat(times), null)).not.toBe('');
      }),
      { numRuns: 200 },
    );
  });
});
