import { useSignal } from '@preact/signals';
import { useLocation } from 'preact-iso/router';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Empty } from '../parts/section.tsx';
import { useTitle } from '../parts/use-title.ts';
import { api, bodyOf } from '../server/request.ts';

/**
 * Goes on to the page of the task with this uuid. Links that are made before a task has its number, such as those of commit
 * statuses, name the uuid.
 */
export function FindByUuid({ uuid }: { readonly uuid: string }): JSX.Element {
  const { route } = useLocation();
  const missing = useSignal<string | null>(null);
  useEffect(() => {
    bodyOf(api.GET('/v1/tasks', { params: { query: { uuid } } })).then(
      ({ tasks: [task] }) => {
        if (task) route(`/tasks/${task.id}`, true);
        else missing.value = 'Or it belongs to somebody else, or it ended long enough ago to be removed.';
      },
      (error: unknown) => (missing.value = error instanceof Error ? error.message : String(error)),
    );
  }, [uuid]);
  useTitle(missing.value === null ? 'Looking for a task' : 'There is no such task');
  if (missing.value === null) return <p class="muted late">Looking for the task {uuid}…</p>;
  return (
    <Empty title="There is no such task">
      <p>{missing.value}</p>
    </Empty>
  );
}
