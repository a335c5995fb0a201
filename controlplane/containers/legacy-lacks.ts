/** What a container without an agent lacks: sentences for people, without a full stop. */
export const LEGACY_LACKS = [
  'The limits of disk and time are not enforced: containerMaxDisk and containerMaxTime change nothing',
  'Nothing is measured: there is no use of processor, memory or disk, and no heartbeat',
  'The build runs as root, and nothing separates it from what speaks for the container',
  'Secrets are not masked in the output, and secure variables lie in a file of the container while it runs',
  'Its signals are not signed: they count only when ECS or SSH bears them out',
  'Its SSH host key was trusted at first use',
  'The output is fetched every 1 to 10 seconds, and what was not fetched before the container ended is lost',
  'A lack of memory shows only where ECS tells of it, and a signal that ends a command as its exit code above 128',
] as const;
