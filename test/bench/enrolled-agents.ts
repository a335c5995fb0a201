import { randomUUID } from 'node:crypto';
import { enrol } from '../../agent/report/enrol.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { createSshKeyPair } from '../../shared/keys/ssh-key.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import type { LaunchedAgent } from './heartbeat-order.ts';

const ENROLLING_AT_ONCE = 16;
const never = new AbortController().signal;

/** The keys with which an agent signs. */
export interface EnrolledAgent {
  readonly callbackId: string;
  readonly key: Buffer;
  readonly keyId: string;
}

/** Enrols agents with the agent's own code, several at once. */
export async function enrolAgents(url: string, launched: readonly LaunchedAgent[]): Promise<EnrolledAgent[]> {
  // One host key for all: the making of thousands is not measured.
  const hostKeyLine = createSshKeyPair().publicLine;
  const waiting = [...launched];
  const enrolled: EnrolledAgent[] = [];
  const enrolOne = async ({ callbackId, token }: LaunchedAgent): Promise<void> => {
    const { key, keyId } = await enrol(
      {
        url: `${url}/v1/enrol`,
        token,
        hostKeyLine,
        agentVersion: 'bench',
        startedAt: systemClock.now(),
        nonce: randomUUID(),
        clock: systemClock,
        random: Math.random,
        log: new RecordingLog(),
      },
      never,
    );
    enrolled.push({ callbackId, key: Buffer.from(key, 'base64'), keyId });
  };
  const enrolSome = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await enrolOne(next);
  };
  await Promise.all(Array.from({ length: ENROLLING_AT_ONCE }, enrolSome));
  return enrolled;
}
