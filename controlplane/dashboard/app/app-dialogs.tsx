import { signal } from '@preact/signals';
import { useLocation } from 'preact-iso/router';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../parts/confirm.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { session, signOut } from '../server/session.ts';
import { keyMaps, setSingleKeys, singleKeys } from './keys.ts';

type OpenDialog = 'go' | 'keys' | 'account' | null;
const open = signal<OpenDialog>(null);

export function openDialog(which: OpenDialog): void {
  open.value = which;
}

export function AppDialogs(): JSX.Element {
  return (
    <>
      {open.value === 'go' && <GoDialog />}
      {open.value === 'keys' && <KeysDialog />}
      {open.value === 'account' && <AccountDialog />}
      <ConfirmDialog />
    </>
  );
}

const close = (): void => openDialog(null);

function GoDialog(): JSX.Element {
  const { route } = useLocation();
  const [id, setId] = useState('');
  return (
    <Dialog title="Go to a task" onClose={close}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault(); // the form is gone before the browser would submit it
          route(`/tasks/${Number(id.replace(/^#/, ''))}`);
          close();
        }}
      >
        <label class="field">
          <span class="muted">Number</span>
          <input
            inputMode="numeric"
            pattern="#?[1-9][0-9]{0,14}"
            required
            value={id}
            onInput={(event) => setId(event.currentTarget.value)}
          />
        </label>
        <div class="btns">
          <button type="submit" class="btn main">
            Open
          </button>
          <button type="button" class="btn" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function KeysDialog(): JSX.Element {
  const keys = Object.entries(Object.assign({}, ...keyMaps.value) as (typeof keyMaps.value)[number]);
  return (
    <Dialog title="Keys" onClose={close}>
      <dl class="keys">
        {keys.map(([key, { label }]) => (
          <div key={key}>
            <dt>
              <kbd>{key === 'Escape' ? 'Esc' : key}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <label class="choice">
        <input
          type="checkbox"
          checked={singleKeys.value}
          onChange={(event) => setSingleKeys(event.currentTarget.checked)}
        />
        Single letters do something
      </label>
      <div class="btns">
        <button type="button" class="btn" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function AccountDialog(): JSX.Element | null {
  const person = session.value;
  if (!person) return null;
  return (
    <Dialog title={`You are signed in as ${person.name}`} onClose={close}>
      <p class="muted">
        Your token has the role {person.role}. Signing out counts for all tabs of this browser; the token stays valid.
      </p>
      <div class="btns">
        <button
          type="button"
          class="btn main"
          onClick={() => {
            close();
            void signOut();
          }}
        >
          Sign out
        </button>
        <button type="button" class="btn" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
