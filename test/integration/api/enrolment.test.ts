import type { LightMyRequestResponse } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { EnrolmentOutcome } from '../../../controlplane/api/agents/enrolment-service.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const ATTEMPT = '3f2c1a90-5b1e-4c52-9d0f-6a1b2c3d4e5f';
const SECRET = 's'.repeat(43);
const HOST_KEY = `ssh-ed25519 ${'A'.repeat(68)}`;
const REQUEST = {
  enrol: `${ATTEMPT}.${SECRET}`,
  hostKey: HOST_KEY,
  agentVersion: '1.0.0',
  startedAt: '2026-03-01T12:00:00Z',
  nonce: 'n'.repeat(16),
};
const ENROLLED: EnrolmentOutcome = {
  kind: 'enrolled',
  answer: {
    key: Buffer.alloc(32, 1).toString('base64'),
    keyId: 'k1',
    clientKeys: [HOST_KEY],
    limits: { maxTimeSeconds: null, maxDiskGb: 2 },
    heartbeatSeconds: 15,
  },
};

const http = useHttp();

function enrol(request: object): Promise<LightMyRequestResponse> {
  return http.app.inject({ method: 'POST', url: '/v1/enrol', payload: request });
}

describe('POST /v1/enrol', () => {
  it('hands the attempt its signing key and lets no cache keep it', async () => {
    http.services.enrolments.set(ATTEMPT, ENROLLED);
    const answer = await enrol(REQUEST);
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(answer.json()).toEqual(ENROLLED.kind === 'enrolled' ? ENROLLED.answer : null);
    expect(http.services.enrolled).toMatchObject([{ attempt: ATTEMPT, secret: SECRET, hostKey: HOST_KEY }]);
  });

  it.each<[EnrolmentOutcome['kind'], number, string]>([
    ['reused', 409, 'ENROLMENT_REUSED'],
    ['void', 410, 'ENROLMENT_VOID'],
    ['unknown', 404, 'ENROLMENT_REFUSED'],
  ])('answers an attempt that is %s with %i', async (kind, status, code) => {
    http.services.enrolments.set(ATTEMPT, { kind } as EnrolmentOutcome);
    const answer = await enrol(REQUEST);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
  });

  it('answers a token that cannot be one like one that is unknown, so that guessing teaches nothing', async () => {
    const strange = await enrol({ ...REQUEST, enrol: 'nonsense' });
    const unknown = await enrol(REQUEST);
    expect(strange.statusCode).toBe(404);
    expect(strange.json<{ message: string }>().message).toBe(unknown.json<{ message: string }>().message);
  });

  it.each([
    ['another kind of host key', { ...REQUEST, hostKey: 'ssh-rsa AAAA' }, 'hostKey'],
    ['an unknown field', { ...REQUEST, extra: 1 }, 'extra'],
    ['no nonce', { ...REQUEST, nonce: undefined }, 'nonce'],
  ])('refuses %s with the path of the field', async (_what, request, path) => {
    const answer = await enrol(request);
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ details: { path: string }[] }>().details[0]?.path).toBe(path);
  });
});
