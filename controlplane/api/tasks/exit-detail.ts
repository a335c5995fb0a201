/**
 * Returns the detail of a task's end; null when the detail is the same as the remedy. A method that fails with an operational
 * error stores the remedy as its detail, and the task shows the remedy of its cause beside it: people would read it twice.
 */
export function exitDetailBeside(detail: string | null, remedy: string | null): string | null {
  if (detail === null || remedy === null) return detail;
  return bare(detail) === bare(remedy) ? null : detail;
}

function bare(text: string): string {
  return text.trim().replace(/\.$/, '');
}
