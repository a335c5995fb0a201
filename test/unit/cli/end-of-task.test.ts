import { describe, expect, it } from 'vitest';
import { remedyText } from '../../../controlplane/cli/output/task-end-sentence.ts';

describe('what to do about the end of a task', () => {
  it.each([
    ['is left out when the message says it', 'It is gone. Run the build again.', 'Run the build again.', null],
    ['follows a message that does not', 'The disk limit was exceeded.', 'Make it write less.', 'Make it write less.'],
    ['is nothing when nobody knows', 'It failed.', null, null],
  ])('%s', (_what, why, remedy, shown) => {
    expect(remedyText({ why, remedy })).toBe(shown);
  });

  it('prints no control character', () => {
    expect(remedyText({ why: 'It failed.', remedy: 'Do \u001b[31mthat.' })).not.toMatch(/\p{Cc}/u);
  });
});
