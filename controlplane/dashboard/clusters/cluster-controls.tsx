import type { JSX } from 'preact';
import { FormField } from '../parts/form-field.tsx';
import { FLAGS, fieldWordsOf, type FlagPath, type TextPath } from './cluster-fields.ts';
import type { ClusterForm } from './cluster-form.ts';

/** The form that a control belongs to. */
export interface FieldOfForm {
  readonly form: ClusterForm;
  readonly onChange: (form: ClusterForm) => void;
  /** Returns what was said against the field of this path. */
  readonly problemAt: (path: string) => string | null;
}

interface TextFieldProps {
  readonly of: FieldOfForm;
  readonly path: TextPath;
  readonly hint?: string;
  readonly isDisabled?: boolean;
  readonly isRequired?: boolean;
}

export function TextField({ of, path, hint, isDisabled = false, isRequired }: TextFieldProps): JSX.Element {
  const words = fieldWordsOf(path);
  const value = of.form.texts[path];
  const take = (text: string): void => of.onChange({ ...of.form, texts: { ...of.form.texts, [path]: text } });
  return (
    <FormField label={words.label} hint={hint ?? words.hint} problem={of.problemAt(path)}>
      {(control) => {
        const common = {
          ...control,
          spellcheck: false,
          disabled: isDisabled,
          required: isRequired ?? words.isRequired ?? false,
          value,
          onInput: ({ currentTarget }: TypedEvent) => take(currentTarget.value),
        };
        if (words.kind === 'lines') return <textarea {...common} rows={2} />;
        // Browsers offer to keep what they take for the password of a person.
        if (words.kind === 'secret') return <input {...common} type="password" autocomplete="new-password" />;
        return <input {...common} type="text" autocomplete="off" />;
      }}
    </FormField>
  );
}

interface TypedEvent {
  readonly currentTarget: { readonly value: string };
}

interface ChoiceFieldProps<F extends 'launchType' | 'credentials' | 'address'> {
  readonly of: FieldOfForm;
  readonly label: string;
  readonly field: F;
  readonly path: string;
  readonly choices: Readonly<Record<ClusterForm[F], string>>;
}

export function ChoiceField<F extends 'launchType' | 'credentials' | 'address'>({
  of,
  label,
  field,
  path,
  choices,
}: ChoiceFieldProps<F>): JSX.Element {
  return (
    <FormField label={label} problem={of.problemAt(path)}>
      {(control) => (
        <select
          {...control}
          value={of.form[field]}
          onChange={(event) => of.onChange({ ...of.form, [field]: event.currentTarget.value })}
        >
          {Object.entries<string>(choices).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      )}
    </FormField>
  );
}

export function FlagField({ of, path }: { readonly of: FieldOfForm; readonly path: FlagPath }): JSX.Element {
  const problem = of.problemAt(path);
  return (
    <div class="form-field">
      <label class="choice">
        <input
          type="checkbox"
          checked={of.form.flags[path]}
          onChange={(event) =>
            of.onChange({ ...of.form, flags: { ...of.form.flags, [path]: event.currentTarget.checked } })
          }
        />
        {FLAGS[path]}
      </label>
      {problem !== null && <p class="err-text">{problem}</p>}
    </div>
  );
}
