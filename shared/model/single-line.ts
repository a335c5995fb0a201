// A sequence of a terminal first: without its escape character the rest of it would stay as text.
const TERMINAL_SEQUENCES = /\x1b\[[0-9;?]*[A-Za-z]/g;
const CONTROL_CHARACTERS = /[\p{Cc}\u2028\u2029]+/gu;

/** A sentence is shown in tables, in titles and on terminals: whatever it quotes, it is one line without control characters. */
export function singleLine(text: string): string {
  return text.replace(TERMINAL_SEQUENCES, '').replace(CONTROL_CHARACTERS, ' ').trim();
}
