import type { CauseRow } from '../cause-row.ts';

/** Ends because of the image. All but the phrases that nothing else says need ECS's `CannotPull…` before them. */
export const IMAGE_CAUSES: readonly CauseRow[] = [
  {
    cause: 'image-rate-limited',
    fault: 'capacity',
    retry: 'launch-again',
    sentence: 'The image registry refused the image because of too many pulls',
    remedy: 'Log in to the registry, or copy the image to a registry of your own',
    when: { pattern: /\btoomanyrequests: |\btoo many requests\b|\bpull rate limit\b/i },
  },
  {
    cause: 'image-wrong-platform',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The image is not built for the processor of the cluster',
    remedy: 'Build the image for the platform of the cluster, or set runtimePlatform in the task definition',
    when: {
      pattern:
        /\bno matching manifest for\b|\bexec format error\b|\bdescriptor matching platform\b|\bno match for platform\b|\bdoes not match the (specified|detected|expected)( host)? platform\b|\bimage operating system\b/i,
    },
  },
  {
    cause: 'image-access-denied',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The cluster may not read the image',
    remedy: 'Give the execution role of the task (or the machine) access to the image registry',
    when: {
      pattern:
        /\bpull access denied for\b|\bno basic auth credentials\b|\brole has the permissions to pull images\b|\bCannotPull\w*Error\b.*(\baccess denied\b|\bauthorization failed\b|\bauthorization token has expired\b|\bauthentication required\b|\bunauthorized\b|\b403 Forbidden\b|\bnot authorized to perform\b|\bnot authorized\b|\bAccessDenied|\bExpiredToken|\bsecurity token\b|\bdenied: )/is,
    },
  },
  {
    cause: 'image-registry-untrusted',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The certificate of the image registry is not trusted ({reason})',
    remedy: 'Give the registry a certificate that the machines of the cluster trust, or install its authority there',
    when: {
      pattern:
        /\bCannotPull\w*Error\b.*(\bx509: |\bcertificate signed by unknown\b|\bfailed to verify certificate\b)/is,
    },
  },
  {
    cause: 'image-not-found',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The image does not exist in its registry',
    remedy: 'Correct the image in config.ecs.yml, or push it',
    when: {
      pattern:
        /\bmanifest unknown\b|\bCannotPull\w*Error\b.*(\bnot found\b|\bdoes not exist\b|\binvalid reference\b|\bname unknown\b|\b(Repository|Image)NotFoundException\b)/is,
    },
  },
  {
    cause: 'image-registry-unreachable',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'The image registry could not be reached',
    remedy: 'Run the build again; if it happens often, look at the network between the cluster and the registry',
    when: {
      pattern:
        /\bCannotPull\w*Error\b.*(\bnet-http: |\b(timeout|timed out)\b|\bdeadline exceeded\b|\bconnection (refused|reset|issue)\b|\bnetwork (configuration|is unreachable)\b|\bno route to host\b|\bno such host\b|\bserver misbehaving\b|\bdial tcp\b|\bEOF\b|\b(request|context) canceled\b|\bsend request failed\b|\bService Unavailable\b|\bBad Gateway\b|\bInternal Server Error\b)/is,
    },
  },
  {
    cause: 'image-access-denied',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The cluster could not log in to the image registry ({reason})',
    remedy: 'Look at the credentials of the registry and at the execution role of the task',
    when: { pattern: /\bCannotPullContainerAuthError\b/ },
  },
  {
    cause: 'image-pull-failed',
    fault: 'system',
    retry: 'launch-again',
    sentence: 'The image could not be fetched ({reason})',
    remedy: 'Run the build again; if it happens again, pull the image by hand on the cluster',
    when: { pattern: /\bCannotPull\w*Error\b|\bTaskStoppedBeforePullBeginError\b/ },
  },
];
