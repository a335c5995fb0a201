/** Where an image is from, as far as its name tells. */
export type ImageReference =
  | { readonly kind: 'malformed'; readonly reason: string }
  | {
      readonly kind: 'image';
      /** Null: Docker Hub. */
      readonly registry: string | null;
      readonly repository: string;
      readonly tag: string | null;
      readonly digest: string | null;
      /** Account and region of a private repository of ECR. */
      readonly ecr: { readonly account: string; readonly region: string } | null;
    };

// The grammar of https://github.com/distribution/reference: names are lower case, a tag has at most 128 characters.
const COMPONENT = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const HOST = /^(localhost|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:)|\[[0-9a-f:]+\])(:\d+)?$/;
const ECR = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/;

const MAX_NAME_CHARACTERS = 255;

/** Parses the name of an image as a container engine does, without asking any registry. */
export function parseImageReference(text: string): ImageReference {
  const [beforeDigest = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return malformed('its digest is none');
  const slash = beforeDigest.lastIndexOf('/');
  const colon = beforeDigest.indexOf(':', slash + 1);
  const name = colon === -1 ? beforeDigest : beforeDigest.slice(0, colon);
  const tag = colon === -1 ? null : beforeDigest.slice(colon + 1);
  if (tag !== null && !TAG.test(tag)) return malformed(`"${tag}" is no tag`);
  const [first = '', ...rest] = name.split('/');
  const registry = rest.length > 0 && HOST.test(first) ? first : null;
  const components = registry === null ? [first, ...rest] : rest;
  const wrong = components.find((component) => !COMPONENT.test(component));
  if (wrong !== undefined)
    return malformed(wrong === '' ? 'a part of its name is empty' : `"${wrong}" is no part of a name`);
  if (name.length > MAX_NAME_CHARACTERS) return malformed(`its name is longer than ${MAX_NAME_CHARACTERS} characters`);
  const [, account, region] = ECR.exec(registry ?? '') ?? [];
  return {
    kind: 'image',
    registry,
    repository: components.join('/'),
    tag,
    digest: digest ?? null,
    ecr: account !== undefined && region !== undefined ? { account, region } : null,
  };
}

function malformed(reason: string): ImageReference {
  return { kind: 'malformed', reason };
}
