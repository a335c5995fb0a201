import { z } from 'zod';
import { AttemptUuid } from '../model/ids.ts';
import { Timestamp } from '../model/timestamp.ts';

/** `<attempt uuid>.<secret>`: the single-use token in WIP_ENROL. The secret is 32 bytes, base64url. */
export const EnrolmentToken = z
  .string()
  .regex(/^[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}$/, 'must be <attempt uuid>.<43 url-safe characters>')
  .transform((text) => {
    const [attempt = '', secret = ''] = text.split('.');
    return { attempt: AttemptUuid.parse(attempt), secret };
  });

/** One line of an OpenSSH public key file, ed25519 only: `ssh-ed25519 AAAA…`. */
export const PublicKeyLine = z
  .string()
  .regex(/^ssh-ed25519 [A-Za-z0-9+/]+=*( .*)?$/, 'must be an OpenSSH ed25519 public key');

/** Body of `POST WIP_ENROL_URL`. */
export const EnrolmentRequest = z.strictObject({
  enrol: z.string().max(256),
  taskArn: z.string().max(2_048).optional(),
  /** The agent's SSH host key, made in memory at start; the control plane pins it. */
  hostKey: PublicKeyLine,
  agentVersion: z.string().max(64),
  startedAt: Timestamp,
  /** Same nonce and same host key again is a lost answer; any other second use is theft. */
  nonce: z.string().min(16).max(128),
});
export type EnrolmentRequest = z.infer<typeof EnrolmentRequest>;

/** The answer. No secret of the build is in it. */
export const EnrolmentAnswer = z.strictObject({
  /** 32 bytes, base64: signs every later signal of this container. */
  key: z.base64(),
  keyId: z.string().min(1).max(64),
  /** OpenSSH public keys that may log in as root or the workload user and reach the agent API. */
  clientKeys: z.array(PublicKeyLine).min(1),
  limits: z.strictObject({
    maxTimeSeconds: z.number().positive().nullable(),
    maxDiskGb: z.number().positive().nullable(),
  }),
  heartbeatSeconds: z.number().min(1).max(3_600),
});
export type EnrolmentAnswer = z.infer<typeof EnrolmentAnswer>;
