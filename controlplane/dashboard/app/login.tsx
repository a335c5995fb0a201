import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { CommandLine } from '../parts/command.tsx';
import { KeyIcon, Mark, StatusIcon } from '../parts/icons.tsx';
import { signIn, wasSignedOut } from '../server/session.ts';

export function Login(): JSX.Element {
  return (
    <main class="login" id="main">
      <h1 class="brand">
        <Mark />
        Wip
      </h1>
      {wasSignedOut.value && (
        <div class="banner bad inset" role="alert">
          <StatusIcon shape="bad" />
          <p>
            <b>Your token was revoked, or your session is over.</b> Sign in again; the address stays as it is.
          </p>
        </div>
      )}
      <TokenForm />
      <p class="hint">No token yet? Whoever runs Wip makes one:</p>
      <CommandLine command="wipctl tokens create <your name> --role submitter" />
      <p class="hint">
        Under <span class="mono">wipctl dev</span> you are signed in already.
      </p>
    </main>
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
      <button type="submit" class="btn main" disabled={token.trim() === ''}>
        Sign in
      </button>
    </form>
  );
}
