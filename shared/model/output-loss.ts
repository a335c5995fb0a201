/** Stands in the place of output that is not there, on a line of its own. */
export function lossMark(bytes: number, stream: 'stdout' | 'stderr'): string {
  return `\n[wip: ${bytes} bytes of ${stream} are missing here]\n`;
}
