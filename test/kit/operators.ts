import { parseRepositoryHosts } from '../../shared/support/repository-hosts.ts';
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/support/clock.ts';
import { systemClock } from '../../shared/support/clock.ts';
import { Secret } from '../../shared/support/secret.ts';
import { EcsClusterStore } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import type { Db } from '../../controlplane/store/schema.ts';
import { answerOperators, type OperatorWorld } from '../../controlplane/api/state/state-service.ts';
import { answerUsers } from '../../controlplane/api/tasks/task-service.ts';

export interface Operators extends OperatorWorld {
  readonly store: EcsClusterStore;
  readonly authenticate: ReturnType<typeof answerUsers>['authenticate'];
}

/** What operators may do, over a real database. */
export function operatorsOf(db: Db, clock: Clock = systemClock): Operators {
  const masterKey = new Secret(randomBytes(32));
  const store = new EcsClusterStore(db, masterKey);
  const makeToken = (): Secret<string> => new Secret(`wip_${randomBytes(32).toString('base64url')}`);
  const side = { db, clusters: store, node: 'node-1', version: '1.0.0', clock, nodeLiveSeconds: 35, makeToken };
  const { authenticate } = answerUsers({
    db,
    digestKey: 'k',
    masterKey,
    kinds: new Map(),
    settings: { repositoryHosts: parseRepositoryHosts('local') },
    maxRunSeconds: 60,
  });
  return { ...answerOperators(side), store, authenticate };
}
