import { closeSync, readFileSync, readdirSync } from 'node:fs';

/** open(2), as /proc/<pid>/fdinfo shows flags: in octal. */
const O_CLOEXEC = 0o2000000;

/**
 * Closes what whoever started the agent has left open besides the standard streams: a program of the build would inherit
 * it, and with it perhaps a way out of the container. Node opens nothing that is inherited, and at its own start marks
 * low descriptors only.
 */
export function closeInheritedFiles(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd <= 2 || !isInherited(fd)) continue;
    try {
      closeSync(fd);
    } catch {
      // The listing itself had one open.
    }
  }
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false; // closed since it was listed
  }
}
