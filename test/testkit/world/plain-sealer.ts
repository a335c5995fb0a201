import type { Sealer } from '../../../shared/keys/sealing.ts';

const PREFIX = 'sealed for ';

/** Seals by value: nothing leaves the process. A text opens for its own context only, as it does under a key. */
export const PLAIN_SEALER: Sealer = {
  seal: (plain, context) => `${PREFIX}${context}\n${plain}`,
  open(sealed, context) {
    const head = `${PREFIX}${context}\n`;
    if (sealed.startsWith(head)) return sealed.slice(head.length);
    throw new Error(`a value that was not sealed for ${context} was opened for it`);
  },
};
