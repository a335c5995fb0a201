import { describe, expect, it } from 'vitest';
import { decidePushEnd, exportFailure, retryClause } from '../../../controlplane/tasks/build/git-end.ts';
import { GIT_FAILURES, type GitFailureKind, type ToldGitFailure } from '../../../shared/protocol/git-failure.ts';

const told = (code: string, kind: GitFailureKind): ToldGitFailure => ({
  code,
  kind,
  ...GIT_FAILURES[kind],
  message: 'Pushing to ssh://h/x failed: no. Do it.',
});

describe('how a build ends whose artefact was not pushed', () => {
  it.each<[string, GitFailureKind, string, string]>([
    ['GIT_FAILED', 'unreachable', 'ERROR_SYSTEM', 'push-failed'],
    ['GIT_FAILED', 'server-error', 'ERROR_SYSTEM', 'push-failed'],
    ['GIT_FAILED', 'unconfirmed', 'ERROR_SYSTEM', 'push-failed'],
    ['PUSH_REJECTED', 'remote-disk-full', 'ERROR_SYSTEM', 'push-failed'],
    ['GIT_FAILED', 'access-denied', 'ERROR_USER', 'push-rejected'],
    ['PUSH_REJECTED', 'hook-declined', 'ERROR_USER', 'push-rejected'],
    ['PUSH_REJECTED', 'rejected', 'ERROR_USER', 'push-rejected'],
    ['GIT_FAILED', 'disk-full', 'ERROR_USER', 'build-failed'],
    ['GIT_FAILED', 'unknown', 'ERROR_USER', 'build-failed'],
  ])('%s of the kind %s: %s, %s', (code, kind, status, cause) => {
    const recorded = told(code, kind);
    expect(decidePushEnd(recorded, '')).toEqual({ status, cause, sentence: recorded.message });
  });

  it('is read from the last line of a build tool that records nothing', () => {
    const refused = decidePushEnd(null, 'warning: x\nPUSH_REJECTED: It says no. Ask.\n');
    expect(refused).toEqual({ status: 'ERROR_USER', cause: 'push-rejected', sentence: 'It says no. Ask.' });
    expect(decidePushEnd(null, 'PUSH_REJECTED: of a step\nThe step failed\n')).toBeNull();
  });
});

describe('what an export says of git', () => {
  it.each(['', 'not JSON', '{}', '{"failure":{"code":"GIT_FAILED","kind":"of a later version"}}', '[1]'])(
    'is nothing when it says %j',
    (stdout) => expect(exportFailure(stdout)).toBeNull(),
  );
});

describe('what an export waits for', () => {
  it('is the repository that does not answer, as the build tool said last', () => {
    const line = 'repository git@h:x does not answer: fatal: refused; trying again in 1.5 s, try 2 of 5';
    expect(retryClause(`warning: odd\nThe ${line}\n`)).toBe(`the ${line}`);
    expect(retryClause(`The ${line}\nGIT_FAILED: no\n`)).toBeNull();
    expect(retryClause('')).toBeNull();
  });
});
