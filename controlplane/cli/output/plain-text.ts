/**
 * Positions within ECMA-48 control sequences. Knowing the beginning and the end of a sequence, the parser can also drop the text
 * in it. A string (OSC, DCS, SOS, PM, APC) ends with BEL, ST or the end of its line.
 */
type Position = 'text' | 'escape' | 'sequence' | 'string' | 'string-escape';

// Tabs and line breaks are text. Carriage returns are handled separately.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
const STRING_INTRODUCERS = 'P]X^_';
const STRING_C1 = '\u0090\u0098\u009d\u009e\u009f';

/**
 * Makes plain text of the bytes of a stream: UTF-8 without colours, other escape sequences and control characters. A
 * carriage return alone, with which programs draw progress, becomes a line break. Sequences and characters may be cut
 * anywhere between two calls.
 */
export class PlainText {
  readonly #decoder = new TextDecoder();
  #position: Position = 'text';
  #isReturnOpen = false;

  push(bytes: Uint8Array): string {
    return this.#strip(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Returns the remaining text when the stream has ended. */
  end(): string {
    const rest = this.#strip(this.#decoder.decode());
    return this.#isReturnOpen ? `${rest}\n` : rest;
  }

  #strip(text: string): string {
    if (this.#position === 'text' && !this.#isReturnOpen && !CONTROL.test(text)) return text;
    let plain = '';
    for (const character of text) plain += this.#take(character);
    return plain;
  }

  #take(character: string): string {
    switch (this.#position) {
      case 'text':
        return this.#takeText(character);
      case 'escape':
        return this.#takeEscape(character);
      case 'sequence':
        // Parameter and intermediate bytes continue a sequence, a final byte ends it, and any other byte aborts it.
        if (/[ -?]/.test(character)) return '';
        this.#position = 'text';
        return /[@-~]/.test(character) ? '' : this.#takeText(character);
      case 'string':
        if (character === '\u001b') this.#position = 'string-escape';
        else if (character === '\u0007' || character === '\u009c') this.#position = 'text';
        else if (character === '\n') return this.#leave('\n');
        return '';
      case 'string-escape':
        this.#position = 'text';
        return character === '\\' ? '' : this.#takeEscape(character);
    }
  }

  #leave(text: string): string {
    this.#position = 'text';
    return text;
  }

  #takeText(character: string): string {
    const before = this.#isReturnOpen && character !== '\n' && character !== '\r' ? '\n' : '';
    this.#isReturnOpen = character === '\r';
    if (!CONTROL.test(character)) return before + character;
    if (character === '\u001b') this.#position = 'escape';
    else if (character === '\u009b') this.#position = 'sequence';
    else if (STRING_C1.includes(character)) this.#position = 'string';
    return before;
  }

  #takeEscape(character: string): string {
    if (character === '[') this.#position = 'sequence';
    else if (STRING_INTRODUCERS.includes(character)) this.#position = 'string';
    else if (/[ -/]/.test(character)) this.#position = 'escape';
    else {
      this.#position = 'text';
      return /[0-~]/.test(character) ? '' : this.#takeText(character);
    }
    return '';
  }
}
