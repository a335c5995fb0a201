/** What containers of a cluster run on, in the words of its launch settings; a dash where they say nothing. */
export function launchesOn(launch: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(launch)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number' || Array.isArray(value))
    .map(([key, value]) => `${key} ${Array.isArray(value) ? value.map(wordOf).join(', ') : String(value)}`);
  return words.length === 0 ? '–' : words.join('; ');
}

function wordOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(String).join(' ');
}
