import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { StatusIcon } from './icons.tsx';

interface FormFieldProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What was said against the value. */
  readonly problem: string | null;
  readonly isWide?: boolean;
  /** Gets what the control needs so that its label, its hint and its problem belong to it. */
  readonly children: (control: ControlAttributes) => JSX.Element;
}

interface ControlAttributes {
  readonly id: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: true;
}

/** A control of a form with its label above, and what is wrong with its value below. */
export function FormField({ label, hint, problem, isWide, children }: FormFieldProps): JSX.Element {
  const id = useId();
  const described = [...(hint ? [`${id}-hint`] : []), ...(problem === null ? [] : [`${id}-problem`])].join(' ');
  return (
    <div class={isWide ? 'form-field wide' : 'form-field'}>
      <label for={id}>{label}</label>
      {children({
        id,
        ...(described !== '' && { 'aria-describedby': described }),
        ...(problem !== null && { 'aria-invalid': true as const }),
      })}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {problem !== null && (
        <p class="err-text" id={`${id}-problem`}>
          <StatusIcon shape="bad" />
          <span>{problem}</span>
        </p>
      )}
    </div>
  );
}
