// Terminal sequences are matched first: if only the escape character were removed, the rest would stay as text.
const TERMINAL_SEQUENCES = /\x1b\[[0-9;?]*[A-Za-z]/g;
const CONTROL_CHARACTERS = /[\p{Cc}\u2028\u2029]+/gu;

/** Returns the text on one line without control characters: sentences are shown in tables, titles and terminals, and may quote anything. */
export function singleLine(text: string): string {
  return text.replace(TERMINAL_SEQUENCES, '').replace(CONTROL_CHARACTERS, ' ').trim();
}
