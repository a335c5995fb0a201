import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { unlessAway } from './attempt.tsx';
import { Dialog } from './dialog.tsx';

export interface Question {
  readonly title: string;
  readonly text: string;
  /** The word on the button. */
  readonly action: string;
  readonly isDangerous: boolean;
  /** A text that is asked for, such as the reason of a maintenance, or a number. */
  readonly input?: { readonly label: string; readonly initial: string; readonly kind: 'text' | 'number' };
  /** What is thrown is shown in the dialog, which stays open. */
  readonly run: (input: string) => Promise<void>;
}

const question = signal<Question | null>(null);

/** Asks once; the action runs only after a yes. */
export function ask(asked: Question): void {
  question.value = asked;
}

export function ConfirmDialog(): JSX.Element | null {
  return question.value && <Confirm key={question.value.title} {...question.value} />;
}

function Confirm({ title, text, action, isDangerous, input, run }: Question): JSX.Element {
  const [problem, setProblem] = useState<string | null>(null);
  const [isRunning, setRunning] = useState(false);
  const [value, setValue] = useState(input?.initial ?? '');
  const close = (): void => void (question.value = null);
  const confirm = async (): Promise<void> => {
    setRunning(true);
    try {
      await run(value);
      close();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setRunning(false);
    }
  };
  return (
    <Dialog title={title} onClose={close}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <p class="muted">{text}</p>
        {input && (
          <label class="field">
            <span class="muted nowrap">{input.label}</span>
            <input
              inputMode={input.kind === 'number' ? 'numeric' : 'text'}
              value={value}
              required
              onInput={(event) => setValue(event.currentTarget.value)}
            />
          </label>
        )}
        {problem !== null && (
          <p class="err-text" role="alert">
            {problem}
          </p>
        )}
        <div class="btns">
          <button type="submit" class={isDangerous ? 'btn danger' : 'btn main'} disabled={isRunning} {...unlessAway()}>
            {action}
          </button>
          <button type="button" class="btn" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
