import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { messageOf, OPERATIONAL_ERRORS, OperationalError } from '../../../shared/model/error.ts';

const DOCUMENT = new URL('../../../shared/ERRORS.md', import.meta.url);

/** Maps each code to whether its line says that it is retryable. */
function documented(): Record<string, boolean> {
  const rows = readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `(\w+)` \| (yes|no) \| .+\. \| .+\. \|$/gm);
  return Object.fromEntries([...rows].map(([, code, retryable]) => [code, retryable === 'yes']));
}

describe('shared/ERRORS.md', () => {
  it('has one line for every code, says whether it is retryable, and has no other', () => {
    const inCode = Object.entries(OPERATIONAL_ERRORS).map(([code, { retryable }]) => [code, retryable]);
    expect(documented()).toEqual(Object.fromEntries(inCode));
  });
});

describe('OperationalError', () => {
  it('says what happened and what to do in two sentences and keeps the cause', () => {
    const cause = new Error('ENOENT');
    const error = new OperationalError('GIT_MISSING', { happened: 'git is not there', remedy: 'Install it', cause });
    expect(error.message).toBe('git is not there. Install it.');
    expect(error.cause).toBe(cause);
    expect(error.retryable).toBe(false);
  });

  it('has one full stop where the words of another program end with one, and keeps an ellipsis', () => {
    const messageOfBoth = (happened: string, remedy: string): string =>
      new OperationalError('ECS_REFUSED', { happened, remedy }).message;
    expect(messageOfBoth('ListTasks failed: Cluster not found.', 'Create the cluster.')).toBe(
      'ListTasks failed: Cluster not found. Create the cluster.',
    );
    expect(messageOfBoth('It goes on like this ...', 'Wait')).toBe('It goes on like this .... Wait.');
    expect(messageOfBoth('git says: is this a repository?', 'Look')).toBe('git says: is this a repository? Look.');
  });
});

it.each([
  [undefined, 'undefined was thrown, which is no error'],
  [null, 'null was thrown, which is no error'],
  ['', 'an empty text was thrown, which is no error'],
  [404, '404 was thrown, which is no error'],
  ['boom', 'boom'],
  [{ status: 404 }, '{"status":404}'],
])('a thrown %o is told as a message', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
