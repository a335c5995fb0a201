import { describe, expect, it } from 'vitest';
import { endSentence, remedyText } from '../../../controlplane/cli/output/task-end-sentence.ts';
import { RUNNING_ATTEMPT } from '../../kit/agent/running-attempt.ts';

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

describe('the sentence about the end of a task', () => {
  const unsaid = { exitDetail: null, cause: null, remedy: null, usage: null };
  const ended = { ...unsaid, id: 7, exitStatus: 'COMPLETED', why: 'It is done.' } as const;

  it('says nothing of a container that was never launched', () => {
    expect(endSentence({ ...ended, attempts: [] })).toBe('Task 7 completed: It is done.');
  });

  it('says that the use of a container is not known', () => {
    expect(endSentence({ ...ended, attempts: [RUNNING_ATTEMPT] })).toMatch(/What its container used is not known\.$/);
  });
});
