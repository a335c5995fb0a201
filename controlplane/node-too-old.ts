// undici, which speaks HTTP for the control plane, needs this one. `engines` of package.json asks for more: what every
// dependency was made for, so that npm has nothing to warn of.
const OLDEST = [22, 19] as const;

/** Returns what to do when this version of Node cannot run wipctl; null when it can. Runs on any Node from 14 on. */
export function nodeTooOld(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return `This is Node ${version}, and wipctl needs ${OLDEST.join('.')} or newer. Install Node 24 (https://nodejs.org), and run wipctl with it.`;
}
