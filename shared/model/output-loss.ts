/** The line that replaces missing output. */
export function lossMark(bytes: number, stream: 'stdout' | 'stderr'): string {
  return `\n[wip: ${bytes} bytes of ${stream} are missing here]\n`;
}
