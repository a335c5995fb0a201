/** Returns a memory limit in bytes. ECS gives it as text in MiB; a container without a limit of its own has 0 or none. */
export function parseMemoryLimit(mebibytes: string | null | undefined): number | null {
  return /^[1-9]\d{0,8}$/.test(mebibytes ?? '') ? Number(mebibytes) * 1024 * 1024 : null;
}
