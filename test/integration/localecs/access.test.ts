import { execFile } from 'node:child_process';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListTasksCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { openAccessKey } from '../../../controlplane/localecs/protocol/access-key.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { openSdk, startTestEcs, type EcsAccess, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { signedFetch, signedHeaders, type SignedCall } from '../../kit/network/signed-fetch.ts';

let test: TestEcs;
beforeEach(async () => {
  test = await startTestEcs();
});
afterEach(() => test.close());

const RUN: SignedCall = {
  method: 'POST',
  headers: {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'AmazonEC2ContainerServiceV20141113.RunTask',
  },
  body: JSON.stringify({ taskDefinition: 'WIP_test' }),
};

interface Answer {
  readonly status: number;
  readonly type: string;
}

/** Sends exactly these headers, Host and Origin included, which fetch would not send. */
function send(headers: Readonly<Record<string, string>>, call: SignedCall = RUN, to = '/'): Promise<Answer> {
  const { method = 'GET', body = '' } = call;
  return new Promise((resolve, reject) => {
    const asked = request(test.ecs.endpoint + to, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.once('end', () => {
        const { __type, code } = JSON.parse(text) as { __type?: string; code?: string };
        resolve({ status: response.statusCode ?? 0, type: __type ?? code ?? '' });
      });
    });
    asked.once('error', reject).end(body);
  });
}

const signed = (more: SignedCall = {}, access: Pick<EcsAccess, 'accessKey'> = test.ecs): Record<string, string> =>
  signedHeaders(access, test.ecs.endpoint, { ...RUN, ...more });

async function tasksOf(): Promise<number> {
  return Object.keys((await test.client.listTasks({ desiredStatus: 'RUNNING' })) ?? {}).length;
}

describe('nobody without the key runs code through local ECS', () => {
  const refusals: [string, () => Record<string, string>, string][] = [
    ['no signature', () => ({ ...RUN.headers }), 'MissingAuthenticationTokenException'],
    ['an empty one', () => ({ ...signed(), authorization: '' }), 'MissingAuthenticationTokenException'],
    ['another scheme', () => ({ ...signed(), authorization: 'Bearer x' }), 'IncompleteSignatureException'],
    [
      'a header without parts',
      () => ({ ...signed(), authorization: 'AWS4-HMAC-SHA256 Credential=x' }),
      'IncompleteSignatureException',
    ],
    ['no time', () => without(signed(), 'x-amz-date'), 'IncompleteSignatureException'],
    ['another key', () => signed({}, stranger()), 'UnrecognizedClientException'],
    ['another secret', () => signed({}, stranger(test.ecs.accessKey.accessKeyId)), 'InvalidSignatureException'],
    ['another body', () => signed({ body: '{"taskDefinition":"other"}' }), 'InvalidSignatureException'],
    ['another method', () => signed({ method: 'PUT' }), 'InvalidSignatureException'],
    [
      'another action',
      () => ({ ...signed(), 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.StopTask' }),
      'InvalidSignatureException',
    ],
    ['an unsigned x-amz header', () => ({ ...signed(), 'x-amz-security-token': 't' }), 'InvalidSignatureException'],
    ['another service', () => signed({ service: 'ec2' }), 'InvalidSignatureException'],
    ['a signature of six minutes ago', () => signed({ at: minutesFromNow(-6) }), 'InvalidSignatureException'],
    ['a signature of the future', () => signed({ at: minutesFromNow(6) }), 'InvalidSignatureException'],
  ];

  it.each(refusals)('refuses %s, in the words of AWS', async (_, headers, type) => {
    expect(await send(headers())).toEqual({ status: 400, type });
    expect(await tasksOf()).toBe(0);
  });

  it('takes what is signed with it, within five minutes of its time', async () => {
    for (const minutes of [-4, 0, 4]) {
      expect((await signedFetch(test.ecs, test.ecs.endpoint, { ...RUN, at: minutesFromNow(minutes) })).status).toBe(
        200,
      );
    }
    expect(await tasksOf()).toBe(3);
  });

  it('says to the SDK of a stranger what AWS would', async () => {
    for (const [access, name] of [
      [stranger(), 'UnrecognizedClientException'],
      [stranger(test.ecs.accessKey.accessKeyId), 'InvalidSignatureException'],
    ] as const) {
      const sdk = openSdk({ ...access, endpoint: test.ecs.endpoint });
      await expect(sdk.send(new RunTaskCommand({ taskDefinition: 'WIP_test' }))).rejects.toMatchObject({ name });
      sdk.destroy();
    }
  });

  it('wants the key of EC2 queries too, and answers them in XML', async () => {
    const ask = async ({ accessKey }: Pick<EcsAccess, 'accessKey'>): Promise<unknown> => {
      const credentials = { ...accessKey, secretAccessKey: accessKey.secretAccessKey.reveal() };
      const ec2 = new EC2Client({ region: 'local', endpoint: test.ecs.endpoint, credentials, maxAttempts: 1 });
      return ec2.send(new DescribeInstancesCommand({})).finally(() => ec2.destroy());
    };
    expect(await ask(test.ecs)).toMatchObject({ Reservations: [{}] });
    await expect(ask(stranger())).rejects.toMatchObject({ name: 'AuthFailure' });
    await expect(ask(stranger(test.ecs.accessKey.accessKeyId))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });

  it('wants it of the faults, so that a simple POST of a web page sets none', async () => {
    const faults = { method: 'POST', body: '[{"kind":"throttle","times":null}]' };
    const page = { origin: 'http://evil.example', 'content-type': 'text/plain' };
    expect(await send(page, faults, '/_faults')).toEqual({ status: 403, type: 'AccessDeniedException' });
    expect(await send({}, faults, '/_faults')).toEqual({ status: 400, type: 'MissingAuthenticationTokenException' });
    expect(await send({}, { method: 'DELETE' }, '/_faults')).toMatchObject({ status: 400 });
    expect(await send({}, { method: 'GET' }, '/_faults')).toMatchObject({ status: 400 });
    expect(test.ecs.faults.list()).toEqual([]);
    const sdk = openSdk(test.ecs);
    expect(await sdk.send(new ListTasksCommand({}))).toMatchObject({ taskArns: [] });
    sdk.destroy();
  });

  it('refuses a foreign host and a foreign origin although the signature is right', async () => {
    const rebound = { ...signed(), host: `evil.example:${new URL(test.ecs.endpoint).port}` };
    expect(await send(rebound)).toEqual({ status: 403, type: 'AccessDeniedException' });
    for (const origin of ['http://evil.example', 'null']) {
      expect(await send({ ...signed(), origin })).toEqual({ status: 403, type: 'AccessDeniedException' });
    }
    expect(await tasksOf()).toBe(0);
  });

  it('takes faults as the README says, with curl', async () => {
    const { accessKeyId, secretAccessKey } = test.ecs.accessKey;
    const args = ['-sS', '--aws-sigv4', 'aws:amz:local:ecs', '--user', `${accessKeyId}:${secretAccessKey.reveal()}`];
    const faults = '[{"kind":"throttle","action":"RunTask","times":3}]';
    const { stdout } = await promisify(execFile)('curl', [...args, `${test.ecs.endpoint}/_faults`, '-d', faults]);
    expect(JSON.parse(stdout)).toEqual({ faults: JSON.parse(faults) as unknown });
  });
});

describe('the key of local ECS', () => {
  it('is its owner’s alone, and the same after a restart', async () => {
    const file = path.join(test.directory, 'access-key.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain(test.ecs.accessKey.secretAccessKey.reveal());
    await chmod(file, 0o644);
    const again = await openAccessKey(test.directory);
    expect([again.accessKeyId, again.secretAccessKey.reveal()]).toEqual([
      test.ecs.accessKey.accessKeyId,
      test.ecs.accessKey.secretAccessKey.reveal(),
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is another one in each directory, and never half a one', async () => {
    const other = await startTestEcs();
    expect(other.ecs.accessKey.accessKeyId).not.toBe(test.ecs.accessKey.accessKeyId);
    await other.close();
    await writeFile(path.join(test.directory, 'access-key.json'), '{"accessKeyId":"WIP');
    await expect(openAccessKey(test.directory)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_UNUSABLE' });
  });
});

function stranger(accessKeyId = 'AKIAIOSFODNN7EXAMPLE'): Pick<EcsAccess, 'accessKey'> {
  return { accessKey: { accessKeyId, secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY') } };
}

function without(headers: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name));
}

function minutesFromNow(minutes: number): Date {
  return new Date(Date.now() + minutes * 60_000);
}
