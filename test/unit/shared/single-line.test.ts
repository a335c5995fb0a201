import { describe, expect, it } from 'vitest';
import { singleLine } from '../../../shared/model/single-line.ts';

describe('a sentence that is shown', () => {
  it('has none of the carriage returns, colours and line ends of what it quotes', () => {
    expect(singleLine('Host is down.\r\n\x1b[31mfatal\x1b[0m:\t\bno\u2028\r\n')).toBe('Host is down. fatal: no');
  });
});
