import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CallbackId } from '../../../shared/model/ids.ts';
import { decideLegacyKind, legacySignal, type LegacySignalKind } from '../../../shared/protocol/legacy-signals.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import { parseAgentBody } from '../http/parse-request.ts';
import type { VerifiedSignal } from './agent-report-service.ts';
import type { BasicKey } from './sender-keys.ts';
import { refuseTooLong, unknownClass } from './signal-refusals.ts';
import { unauthentic } from './signed-request.ts';

// A container without an agent does not number its signals. Each kind comes once, in this order.
const SEQUENCE: Record<LegacySignalKind, number> = { ready: 1, output: 2, exit: 3 };

const AnyBody = z.looseObject({});

/** Throws SIGNAL_UNAUTHENTIC, in the same words whatever is wrong. */
export function verifyBasic(request: FastifyRequest, { user, secretSha256 }: BasicKey): void {
  // Both hashes have the same length, so the duration of the comparison reveals nothing about the secret.
  const given = readBasic(request.headers.authorization);
  const hasSecret = timingSafeEqual(Buffer.from(sha256Hex(given.secret)), Buffer.from(secretSha256));
  if (!hasSecret || given.user !== user) throw unauthentic('its sender has not proven to be this container');
}

function readBasic(header: string | undefined): { readonly user: string; readonly secret: string } {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1] ?? '';
  const [, user = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  return { user, secret };
}

interface LegacySender {
  readonly callbackId: CallbackId;
  readonly sender: BasicKey;
  readonly now: Date;
}

/** Makes a signal of a body that a shell wrote. The same bytes again are the same signal. */
export function readBasicSignal(body: Buffer, { callbackId, sender, now }: LegacySender): VerifiedSignal {
  const fields = parseAgentBody(AnyBody, body);
  const kind = decideLegacyKind(fields);
  if (!kind) throw unknownClass(String(fields['classId']), [CLASS_ID.ready, CLASS_ID.output, CLASS_ID.exit]);
  refuseTooLong(kind, body);
  const signal = parseAgentBody(legacySignal(kind, Math.floor(now.getTime() / 1000)), body);
  const bodySha256 = sha256Hex(body);
  return {
    callbackId,
    taskId: sender.taskId,
    webhookId: `${kind}:${bodySha256}`,
    sequence: SEQUENCE[kind],
    kind,
    signal,
    bodySha256,
  };
}
