import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAttempt } from '../parts/attempt.tsx';
import { KeyIcon, Mark, StatusIcon } from '../parts/icons.tsx';
import { useTitle } from '../parts/use-title.ts';
import { isAway, AWAY_REASON } from '../server/connection.ts';
import { endedBecause, opensWithoutToken, signIn } from '../server/session.ts';

const ENDED_TEXTS = {
  'it is over': 'Your token was revoked, or your session is over.',
  'another tab': 'Somebody signed out in another tab of this browser.',
} as const;

export function Login(): JSX.Element {
  useTitle('Sign in');
  return (
    <main class="login" id="main">
      <h1 class="brand">
        <Mark />
        Wip
      </h1>
      {endedBecause.value !== null && (
        <div class="banner bad inset" role="alert">
          <StatusIcon shape="bad" />
          <p>
            <b>{ENDED_TEXTS[endedBecause.value]}</b> Sign in again; the address stays as it is.
          </p>
        </div>
      )}
      {opensWithoutToken.value && <WithoutToken />}
      <TokenForm />
      <p class="hint">
        No token yet? Whoever runs Wip makes one with <span class="mono">wipctl tokens create</span>, your name and{' '}
        <span class="mono">--role submitter</span>.
      </p>
    </main>
  );
}

/** A development system signs in whoever sits at its machine. After a sign-out it waits to be asked. */
function WithoutToken(): JSX.Element {
  const { attempt, refusal } = useAttempt();
  return (
    <div class="without-token">
      <button type="button" class="btn main" onClick={() => attempt(() => signIn(null))}>
        Sign in without a token
      </button>
      {refusal}
      <p class="hint">This development system allows it on its own machine.</p>
    </div>
  );
}

function TokenForm(): JSX.Element {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (): Promise<void> => {
    try {
      await signIn(token.trim());
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div>
        <label for="token">Token</label>
        <p class="hint">It is sent to this server only, which answers with a cookie that scripts cannot read.</p>
      </div>
      <span class="field">
        <KeyIcon />
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
          {...(problem !== null && { 'aria-invalid': true, 'aria-describedby': 'token-problem' })}
        />
      </span>
      {problem !== null && (
        <p class="err-text" id="token-problem" role="alert">
          <StatusIcon shape="bad" />
          <span>{problem}</span>
        </p>
      )}
      {isAway.value && <p class="err-text">{AWAY_REASON}</p>}
      <button type="submit" class="btn main" disabled={token.trim() === ''}>
        Sign in
      </button>
    </form>
  );
}
