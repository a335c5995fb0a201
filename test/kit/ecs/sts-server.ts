import { randomUUID } from 'node:crypto';
import type { AccessKey } from '../../../controlplane/localecs/protocol/access-key.ts';
import { checkSignature } from '../../../controlplane/localecs/protocol/signature.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { serveOnLoopback } from '../network/loopback-server.ts';

/** A role, and who may assume it. */
interface StsRole {
  readonly arn: string;
  /** Access keys that its trust policy names. */
  readonly trusts: readonly string[];
  readonly externalId?: string;
}

export interface StsServerOptions {
  /** Keys that may call, each with its account. */
  readonly keys: readonly { readonly key: AccessKey; readonly account: string }[];
  readonly roles?: readonly StsRole[];
  /** The access key of a new session; a made-up one unless given. */
  readonly sessionKey?: () => AccessKey;
  readonly sessionMs?: number;
}

export interface StsServer {
  readonly url: string;
  /** The parameters of every call that was signed by a known key, in order. */
  readonly calls: Readonly<Record<string, string>>[];
  /** While set, every call is answered with this error. */
  outage: { readonly status: number; readonly code: string } | null;
  stop(): Promise<void>;
}

/** A small AWS Security Token Service: AssumeRole and GetCallerIdentity of the query protocol, for signed callers only. */
export async function startSts(options: StsServerOptions): Promise<StsServer> {
  const calls: Record<string, string>[] = [];
  const sts: { outage: StsServer['outage'] } = { outage: null };

  const server = await serveOnLoopback((request, response) => {
    void (async () => {
      const body = Buffer.concat(await request.toArray());
      const send = (status: number, xml: string): void => {
        response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
      };
      const caller = callerOf(String(request.headers.authorization), options.keys);
      if (!caller) return send(403, errorXml('InvalidClientTokenId', 'The security token included is invalid.'));
      checkSignature(request, body, caller.key);
      const call = Object.fromEntries(new URLSearchParams(body.toString()));
      calls.push(call);
      if (sts.outage) return send(sts.outage.status, errorXml(sts.outage.code, 'It is away.'));
      if (call['Action'] === 'GetCallerIdentity') return send(200, identityXml(caller.account));
      send(...assume(options, caller.key.accessKeyId, call));
    })().catch(() => response.writeHead(403).end(errorXml('SignatureDoesNotMatch', 'The signature does not match.')));
  });

  return {
    url: server.url,
    calls,
    get outage() {
      return sts.outage;
    },
    set outage(outage) {
      sts.outage = outage;
    },
    stop: () => server.stop(),
  };
}

function callerOf(authorization: string, keys: StsServerOptions['keys']) {
  const [, id, service] = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(authorization) ?? [];
  return service === 'sts' ? keys.find(({ key }) => key.accessKeyId === id) : undefined;
}

function assume(
  { roles = [], sessionKey = newKey, sessionMs = 3_600_000 }: StsServerOptions,
  caller: string,
  call: Readonly<Record<string, string>>,
): [status: number, xml: string] {
  const role = roles.find(({ arn }) => arn === call['RoleArn']);
  const isTrusted = role?.trusts.includes(caller) === true && role.externalId === call['ExternalId'];
  const isNamed = /^[\w+=,.@-]{2,64}$/.test(call['RoleSessionName'] ?? '');
  if (call['Action'] !== 'AssumeRole' || !isNamed) return [400, errorXml('ValidationError', 'The request is invalid.')];
  if (!role || !isTrusted) {
    const message = `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${call['RoleArn']}`;
    return [403, errorXml('AccessDenied', message)];
  }
  const key = sessionKey();
  return [
    200,
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
      <AccessKeyId>${key.accessKeyId}</AccessKeyId><SecretAccessKey>${key.secretAccessKey.reveal()}</SecretAccessKey>
      <SessionToken>session-${randomUUID()}</SessionToken>
      <Expiration>${new Date(Date.now() + sessionMs).toISOString()}</Expiration>
    </Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  ];
}

export function newKey(): AccessKey {
  const id = `AKIA${randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()}`;
  return { accessKeyId: id, secretAccessKey: new Secret(randomUUID()) };
}

function identityXml(account: string): string {
  return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
    <Arn>arn:aws:iam::${account}:user/x</Arn><UserId>x</UserId><Account>${account}</Account>
    </GetCallerIdentityResult></GetCallerIdentityResponse>`;
}

function errorXml(code: string, message: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
    <Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}
