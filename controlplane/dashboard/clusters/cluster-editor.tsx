import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ClusterView } from '../../api/clusters/cluster-views.ts';
import { unlessAway } from '../parts/attempt.tsx';
import { Section } from '../parts/section.tsx';
import { ask } from '../parts/confirm.tsx';
import { StatusIcon } from '../parts/icons.tsx';
import { pollNow } from '../server/poll.ts';
import { api, RequestRefused } from '../server/request.ts';
import { change, closeForm, forgetSecrets } from './cluster-draft.ts';
import { CONNECTION_FLAGS, CONNECTION_TEXTS, LAUNCH_TEXTS, LAUNCH_TYPES } from './cluster-fields.ts';
import { clusterBodyOf, type ClusterForm } from './cluster-form.ts';
import { fieldProblemAt, haveFields } from './cluster-problems.ts';
import { ChoiceField, FlagField, TextField, type FieldOfForm } from './cluster-controls.tsx';

interface ClusterEditorProps {
  readonly known: ClusterView | null;
  readonly form: ClusterForm;
  readonly takenNames: readonly string[];
  readonly onSaved: (name: string) => void;
}

interface Refusal {
  readonly message: string;
  readonly details: readonly { readonly path: string; readonly message: string }[];
}

/** Adds a cluster, or changes one. What is refused is said at its field, and everything typed stays. */
export function ClusterEditor({ known, form, takenNames, onSaved }: ClusterEditorProps): JSX.Element {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isSaving, setSaving] = useState(false);
  const element = useRef<HTMLFormElement>(null);
  const name = form.texts.name.trim();
  useEffect(() => {
    element.current?.querySelector<HTMLElement>('input:not(:disabled)')?.focus();
    return forgetSecrets;
  }, []);
  useEffect(() => element.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus(), [refusal]);
  const save = async (): Promise<void> => {
    if (known === null && takenNames.includes(name)) return setRefusal(nameTaken(name));
    setSaving(true);
    try {
      await api.PUT('/v1/clusters/{name}', {
        params: { path: { name } },
        body: { ...clusterBodyOf(form), replaces: known?.updatedAt ?? null },
      });
      closeForm();
      pollNow();
      onSaved(name);
    } catch (error) {
      setRefusal(refusalOf(error));
      setSaving(false);
    }
  };
  const details = refusal?.details ?? [];
  const of: FieldOfForm = { form, onChange: change, problemAt: (path) => fieldProblemAt(details, path) };
  return (
    <Section id="cluster-form" title={known ? `Change ${known.name}` : 'Add a cluster'}>
      <form
        class="card cluster-form"
        aria-labelledby="h-cluster-form"
        ref={element}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <fieldset>
          <legend>Where</legend>
          <div class="form-grid">
            <TextField of={of} path="name" isDisabled={known !== null} />
            <TextField of={of} path="region" />
            <TextField of={of} path="cluster" />
          </div>
        </fieldset>
        <LaunchFields of={of} />
        <CredentialFields of={of} known={known} />
        <ConnectionFields of={of} isWrong={details.some(({ path }) => /^(connection|endpoint)\b/.test(path))} />
        <div class="btns">
          <button type="submit" class="btn main" disabled={isSaving} {...unlessAway()}>
            Save
          </button>
          <button type="button" class="btn" onClick={closeForm}>
            Cancel
          </button>
          {known && !known.isActive && (
            <button type="button" class="btn danger" {...unlessAway()} onClick={() => askToDelete(known.name)}>
              Delete…
            </button>
          )}
          {refusal && (
            <p class="err-text" role="alert">
              <StatusIcon shape="bad" />
              <span>{summary(refusal, form)}</span>
            </p>
          )}
        </div>
      </form>
    </Section>
  );
}

function askToDelete(name: string): void {
  ask({
    title: `Delete the cluster ${name}?`,
    text: 'Wip forgets it, with its credentials. In AWS it stays as it is.',
    action: 'Delete it',
    isDangerous: true,
    run: async () => {
      await api.DELETE('/v1/clusters/{name}', { params: { path: { name } } });
      closeForm();
      pollNow();
    },
  });
}

function LaunchFields({ of }: { readonly of: FieldOfForm }): JSX.Element {
  const { launchType } = of.form;
  return (
    <fieldset>
      <legend>How containers are launched</legend>
      <div class="form-grid">
        <ChoiceField of={of} label="Launch on" field="launchType" path="launch.type" choices={LAUNCH_TYPES} />
        {LAUNCH_TEXTS[launchType].map((path) => (
          <TextField key={path} of={of} path={path} />
        ))}
        <TextField of={of} path="fallback" />
        {launchType !== 'ec2' && <FlagField of={of} path="launch.assignPublicIp" />}
      </div>
    </fieldset>
  );
}

interface CredentialFieldsProps {
  readonly of: FieldOfForm;
  readonly known: ClusterView | null;
}

function CredentialFields({ of, known }: CredentialFieldsProps): JSX.Element {
  const { credentials, texts } = of.form;
  const isStored = known?.hasSecret === true && known.accessKeyId === texts.accessKeyId.trim();
  const secretHint = isStored ? 'One is stored. Leave this empty to keep it.' : 'It is stored sealed, and never shown.';
  const choices = { node: 'Those of the node', key: 'An access key' };
  return (
    <fieldset>
      <legend>Credentials</legend>
      <div class="form-grid">
        <ChoiceField of={of} label="Sign calls with" field="credentials" path="credentials" choices={choices} />
        {credentials === 'key' && (
          <>
            <TextField of={of} path="accessKeyId" isRequired />
            <TextField of={of} path="secretAccessKey" hint={secretHint} />
            <TextField of={of} path="sessionToken" />
          </>
        )}
        <TextField of={of} path="roleArn" />
        <TextField of={of} path="externalId" />
      </div>
      {credentials === 'node' && known?.hasSecret === true && (
        <p class="below muted">The key {known.accessKeyId} and its secret are forgotten when this is saved.</p>
      )}
    </fieldset>
  );
}

function ConnectionFields({ of, isWrong }: { readonly of: FieldOfForm; readonly isWrong: boolean }): JSX.Element {
  const [isOpen, setOpen] = useState(() => CONNECTION_TEXTS.some((path) => of.form.texts[path] !== ''));
  useEffect(() => {
    if (isWrong) setOpen(true);
  }, [isWrong]);
  const choices = { private: 'Its private one', public: 'Its public one: nodes are outside of its network' };
  return (
    <details open={isOpen || isWrong} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>How AWS is reached</summary>
      <div class="form-grid">
        {CONNECTION_TEXTS.map((path) => (
          <TextField key={path} of={of} path={path} />
        ))}
        <ChoiceField
          of={of}
          label="Address of a container that nodes connect to"
          field="address"
          path="connection.address"
          choices={choices}
        />
        {CONNECTION_FLAGS.map((path) => (
          <FlagField key={path} of={of} path={path} />
        ))}
      </div>
    </details>
  );
}

function nameTaken(name: string): Refusal {
  const message = `there is a cluster ${name} already: change that one, or choose another name`;
  return { message, details: [{ path: 'name', message }] };
}

function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  return { message, details: error instanceof RequestRefused ? error.details : [] };
}

/** Says all of it where a field that is not on the screen was refused. */
function summary({ message, details }: Refusal, { launchType, credentials }: ClusterForm): string {
  const shown = [
    ...['name', 'region', 'cluster', 'fallback', 'roleArn', 'externalId', 'launch.type', 'launch.assignPublicIp'],
    ...['connection.address', ...CONNECTION_TEXTS, ...CONNECTION_FLAGS, ...LAUNCH_TEXTS[launchType]],
    ...(credentials === 'key' ? ['accessKeyId', 'secretAccessKey', 'sessionToken'] : []),
  ];
  if (details.length === 0 || !haveFields(details, shown)) return message;
  return 'Nothing was saved. What is wrong is said at its field.';
}
