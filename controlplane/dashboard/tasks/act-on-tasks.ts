import { api } from '../server/request.ts';

export type TaskVerb = 'pause' | 'resume' | 'terminate' | 'restart';

type Target = { readonly params: { readonly path: { readonly id: number } } };

const REQUESTS: Readonly<Record<TaskVerb, (target: Target) => Promise<unknown>>> = {
  pause: (target) => api.PUT('/v1/tasks/{id}/pause', target),
  resume: (target) => api.DELETE('/v1/tasks/{id}/pause', target),
  terminate: (target) => api.PUT('/v1/tasks/{id}/terminate', target),
  restart: (target) => api.PUT('/v1/tasks/{id}/restart', target),
};

export async function actOnTask(action: TaskVerb, id: number): Promise<void> {
  await REQUESTS[action]({ params: { path: { id } } });
}

/** A node answers hundreds of these a second; more at once would only wait in the browser. */
const AT_ONCE = 4;

/** Does the same to each task. Throws with the number of those that were refused, and why the first was. */
export async function actOnTasks(action: TaskVerb, ids: readonly number[]): Promise<void> {
  const waiting = [...ids];
  const refusals: string[] = [];
  const work = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await actOnTask(action, id);
      } catch (error) {
        refusals.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (refusals.length > 0) throw new Error(`${refusals.length} of ${ids.length} were refused: ${refusals[0]}`);
}
