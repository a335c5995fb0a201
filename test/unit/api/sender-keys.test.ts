import { describe, expect, it } from 'vitest';
import { rememberSenderKeys, type SigningKey } from '../../../controlplane/api/agents/sender-keys.ts';
import { CALLBACK_ID_LENGTH, CallbackId, TaskId } from '../../../shared/model/ids.ts';

const idOf = (letter: string): CallbackId => CallbackId.parse(letter.repeat(CALLBACK_ID_LENGTH));
const KEY: SigningKey = { key: Buffer.alloc(32), keyId: 'key', taskId: TaskId.parse(1) };

/** Asks for the keys of these callbacks. Returns the callbacks that were looked up in the store. */
async function asked(letters: string, known: (letter: string, asks: number) => boolean): Promise<string> {
  const asks: string[] = [];
  const find = rememberSenderKeys((callbackId) => {
    const letter = callbackId.charAt(0);
    asks.push(letter);
    return Promise.resolve(known(letter, asks.length) ? KEY : null);
  }, 2);
  for (const letter of letters) await find(idOf(letter));
  return asks.join('');
}

describe('the signing key of a callback', () => {
  it('is looked for once', async () => {
    expect(await asked('aaba', () => true)).toBe('ab');
  });
  it('is looked for again while there is none', async () => {
    expect(await asked('aaa', (_, asks) => asks === 2)).toBe('aa');
  });
  it('is forgotten when others were used since', async () => {
    expect(await asked('abacab', () => true)).toBe('abcb');
  });
});
