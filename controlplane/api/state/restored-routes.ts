import type { FastifyInstance } from 'fastify';
import { principalOf } from '../http/access.ts';
import type { RestoredAnswer } from './state-views.ts';

export interface RestoredWorld {
  /** null unless the database came from a dump and nobody has confirmed it. */
  readonly readRestored: () => Promise<RestoredAnswer['restored']>;
  readonly confirmRestored: (by: string) => Promise<void>;
}

/** While a restored database is not confirmed, containers that no task of it owns are reported and not stopped. */
export function restoredRoutes(app: FastifyInstance, world: RestoredWorld): void {
  const answer = async (): Promise<RestoredAnswer> => ({ restored: await world.readRestored() });
  app.get('/v1/state/restored', answer);
  app.delete('/v1/state/restored', async (request) => {
    await world.confirmRestored(principalOf(request).name);
    return answer();
  });
}
