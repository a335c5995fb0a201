// Longest value in a sentence.
const MOST_SHOWN = 60;

/** Returns the text of a wrong value for a sentence about it. The value must not be secret. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : wordFor(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

function wordFor(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
