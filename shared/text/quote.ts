// A message stays readable even when a whole file was taken for one key.
const MAX_SHOWN_CHARACTERS = 80;

/** Returns a piece of a file for use inside a sentence: on one line, short, without control characters. */
export function quoted(text: string): string {
  return `"${excerptOf(text)}"`;
}

/** As `quoted`, but without quotation marks, for names. */
export function excerptOf(text: string): string {
  return shortened(escapeControls(text));
}

/** Returns the text as a YAML value that means exactly this text; null when that does not fit into a sentence. */
export function quotedForYaml(text: string): string | null {
  const isShort = text.length > 0 && text.length <= MAX_SHOWN_CHARACTERS;
  return isShort && escapeControls(text) === text ? `'${text.replace(/'/g, "''")}'` : null;
}

function shortened(text: string): string {
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}

/**
 * Controls, which a terminal obeys, and characters that change the direction of a text, which then reads as another one. A
 * surrogate alone is no character.
 */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu;

export function hasControls(text: string): boolean {
  return text.search(CONTROLS) >= 0;
}

/** Returns a text of one or more lines as a terminal may show it. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n');
}

/** Returns the text with its control characters written as escapes, for a line that people read. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
