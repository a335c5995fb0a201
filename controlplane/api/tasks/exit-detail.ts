/**
 * Returns the detail of a task's end; null when it is what to do about it. A method that fails with an operational error leaves
 * the remedy as its detail, and the task has the remedy of its cause beside it: people would read the same twice.
 */
export function exitDetailBeside(detail: string | null, remedy: string | null): string | null {
  if (detail === null || remedy === null) return detail;
  return bare(detail) === bare(remedy) ? null : detail;
}

function bare(text: string): string {
  return text.trim().replace(/\.$/, '');
}
