// jsonb and text refuse what JSON and JavaScript allow: the character NUL and halves of surrogate pairs. Both come
// from programs we do not control, and a build must not be lost because its output holds one: U+FFFD stands for it.
const REPLACEMENT = '\uFFFD';

/** JSON text that jsonb takes. In JSON every backslash begins an escape, so pairs of them are passed over whole. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  if (!text.includes('\\')) return text;
  return text.replace(/\\(\\|u0000|ud[89a-f][0-9a-f]{2})/g, (whole, escape: string) =>
    escape === '\\' ? whole : REPLACEMENT,
  );
}

/** Text that PostgreSQL takes. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', REPLACEMENT).toWellFormed();
}
