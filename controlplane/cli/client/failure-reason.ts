import { messageOf } from '../../../shared/model/error.ts';

/** Returns why fetch failed, on one line. It throws "fetch failed" or "terminated", and keeps the reason in its cause. */
export function failureReason(failure: unknown): string {
  const reason = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure;
  if (messageOf(reason) === 'bad port') return 'its port belongs to another protocol, and no client of HTTP calls it';
  return tlsReason(reason) ?? messageOf(reason).replace(/\s+/g, ' ').trim();
}

const TRUST =
  'Trust the authority that signed it with NODE_EXTRA_CA_CERTS=FILE, or those of this machine with NODE_USE_SYSTEM_CA=1';

// Error codes of Node's TLS, which are those of OpenSSL's X509_V_ERR_….
const CERTIFICATES: Readonly<Record<string, TrustProblem>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: { reason: 'its certificate is signed by itself', remedy: TRUST },
  SELF_SIGNED_CERT_IN_CHAIN: { reason: 'the authority of its certificate is not known here', remedy: TRUST },
  UNABLE_TO_GET_ISSUER_CERT: { reason: 'the authority of its certificate is not known here', remedy: TRUST },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { reason: 'the authority of its certificate is not known here', remedy: TRUST },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { reason: 'the authority of its certificate is not known here', remedy: TRUST },
  CERT_HAS_EXPIRED: {
    reason: 'its certificate has expired',
    remedy: 'Renew the certificate of the server, or correct the clock of this machine',
  },
  CERT_NOT_YET_VALID: {
    reason: 'its certificate is not valid yet',
    remedy: 'Correct the clock of this machine, or that of the authority',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: 'its certificate is for other names',
    remedy: 'Use a name that the certificate has, or give the server one for this name',
  },
};

export interface TrustProblem {
  /** A clause. */
  readonly reason: string;
  readonly remedy: string;
}

/** Returns what is wrong with the certificate of a server; null when fetch failed for another reason. */
export function trustProblem(failure: unknown): TrustProblem | null {
  const cause = failure instanceof Error ? failure.cause : null;
  if (!(cause instanceof Error) || !('code' in cause)) return null;
  return CERTIFICATES[String(cause.code)] ?? null;
}

/** The message of an OpenSSL error consists of positions in OpenSSL's source; its reason is in a field of its own. */
function tlsReason(error: unknown): string | null {
  if (!(error instanceof Error) || !('library' in error) || !('reason' in error)) return null;
  const words = String(error.reason);
  const isNoTls = /wrong version number|packet length too long|http request/.test(words);
  return `TLS failed with "${words}"${isNoTls ? '; the address of a server without TLS begins with http://' : ''}`;
}
