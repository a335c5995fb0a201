import { signal } from '@preact/signals';
import type { ClusterView } from '../../api/clusters/cluster-views.ts';
import { formOf, withoutSecrets, type ClusterForm } from './cluster-form.ts';

interface ClusterDraft {
  /** The cluster that is changed, as it was when the form was opened; null: a new one. */
  readonly known: ClusterView | null;
  readonly form: ClusterForm;
}

/** The form that is open. It outlives the page: after a session that ended, or a look at another page, it is there again. */
export const draft = signal<ClusterDraft | null>(null);

export function openForm(known: ClusterView | null): void {
  draft.value = { known, form: formOf(known) };
}

export function closeForm(): void {
  draft.value = null;
}

export function change(form: ClusterForm): void {
  if (draft.value) draft.value = { ...draft.value, form };
}

/** Called when the form leaves the screen: nobody who comes later finds a secret in it. */
export function forgetSecrets(): void {
  if (draft.value) change(withoutSecrets(draft.value.form));
}
