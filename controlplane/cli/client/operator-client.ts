import { ClusterCheckAnswer } from '../../api/clusters/cluster-views.ts';
import type { z } from 'zod';
import type { ClusterBody } from '../../api/clusters/cluster-routes.ts';
import { AuditPage } from '../../api/audit/audit-views.ts';
import { ClustersAnswer, ClusterView } from '../../api/clusters/cluster-views.ts';
import { ConfigurationAnswer } from '../../api/configuration/configuration-views.ts';
import {
  DefinitionDetailView,
  DefinitionDiffAnswer,
  DefinitionsAnswer,
  type DefinitionView,
} from '../../api/definitions/definition-views.ts';
import { DoctorAnswer } from '../../api/doctor/doctor-views.ts';
import { GroupsAnswer, GroupView } from '../../api/groups/group-views.ts';
import {
  MaintenanceView,
  PausesView,
  RestoredAnswer,
  type PauseTypeName,
  ReconcileReportView,
  StartReportsAnswer,
} from '../../api/state/state-views.ts';
import type { NewToken } from '../../api/tokens/token-service.ts';
import { NewTokenAnswer, TokensAnswer, TokenView } from '../../api/tokens/token-views.ts';
import { BuildKeysView, RotationAnswer, SecretsView } from '../../api/secrets/secret-views.ts';
import { createApi } from './api.ts';
import type { Connection } from './find-connection.ts';

export interface GroupLimits {
  readonly maxRunning?: number;
  readonly retentionDays?: number;
  readonly clusters?: readonly string[];
}

/** The routes that concern the installation as a whole. Throws as `Api` does. */
export interface OperatorClient {
  listGroups(): Promise<readonly GroupView[]>;
  findGroup(name: string): Promise<GroupView>;
  setGroup(name: string, limits: GroupLimits): Promise<GroupView>;
  /** Without groups, everything is paused. */
  pause(groups: readonly string[] | undefined, type: PauseTypeName): Promise<PausesView>;
  resume(groups: readonly string[] | undefined): Promise<PausesView>;
  readMaintenance(): Promise<MaintenanceView>;
  startMaintenance(reason: string | undefined): Promise<MaintenanceView>;
  endMaintenance(): Promise<MaintenanceView>;
  readRestored(): Promise<RestoredAnswer>;
  confirmRestored(): Promise<RestoredAnswer>;
  /** Compares the record with ECS now. */
  reconcile(): Promise<ReconcileReportView>;
  listStartReports(): Promise<readonly ReconcileReportView[]>;
  /** The keys for `secure:` values, the one that seals first. */
  readBuildKeys(): Promise<BuildKeysView>;
  rotateBuildKey(): Promise<BuildKeysView>;
  examine(): Promise<DoctorAnswer>;
  /** The settings of the node that answers. */
  readConfiguration(): Promise<ConfigurationAnswer>;
  listDefinitions(family: string | undefined): Promise<readonly DefinitionView[]>;
  readDefinition(id: number): Promise<DefinitionDetailView>;
  diffDefinitions(ids: { readonly before: number; readonly after: number }): Promise<DefinitionDiffAnswer>;
  listClusters(): Promise<readonly ClusterView[]>;
  findCluster(name: string): Promise<ClusterView>;
  examineCluster(name: string): Promise<ClusterCheckAnswer>;
  saveCluster(name: string, cluster: z.input<typeof ClusterBody>): Promise<ClusterView>;
  useCluster(name: string): Promise<ClusterView>;
  deleteCluster(name: string): Promise<void>;
  listTokens(): Promise<readonly TokenView[]>;
  createToken(token: NewToken): Promise<NewTokenAnswer>;
  revokeToken(id: number): Promise<TokenView>;
  /** `query` has the parameters of the API: actor, action, subject, since, until, cursor, limit. */
  readAudit(query: Readonly<Record<string, string>>): Promise<AuditPage>;
  readSecrets(): Promise<SecretsView>;
  /** Continues the rotation for a few seconds. */
  rotateSecrets(to: string): Promise<RotationAnswer>;
}

export function createOperatorClient(connection: Connection): OperatorClient {
  const { ask, request } = createApi(connection);
  const at = (folder: string, name: string): string => `${folder}/${encodeURIComponent(name)}`;
  const query = (values: Readonly<Record<string, string>>): string => new URLSearchParams(values).toString();
  const ofGroups = (groups: readonly string[] | undefined): Record<string, string> =>
    groups ? { groups: groups.join(',') } : {};
  return {
    listGroups: async () => (await ask(GroupsAnswer, 'GET', 'groups')).groups,
    findGroup: (name) => ask(GroupView, 'GET', at('groups', name)),
    setGroup: (name, limits) => ask(GroupView, 'PUT', at('groups', name), limits),
    pause: (groups, type) => ask(PausesView, 'PUT', `tasks/pause?${query({ type, ...ofGroups(groups) })}`),
    resume: (groups) => ask(PausesView, 'DELETE', `tasks/pause?${query(ofGroups(groups))}`),
    readMaintenance: () => ask(MaintenanceView, 'GET', 'state/maintenance'),
    startMaintenance: (reason) =>
      ask(MaintenanceView, 'PUT', 'state/maintenance', reason === undefined ? {} : { reason }),
    endMaintenance: () => ask(MaintenanceView, 'DELETE', 'state/maintenance'),
    readRestored: () => ask(RestoredAnswer, 'GET', 'state/restored'),
    confirmRestored: () => ask(RestoredAnswer, 'DELETE', 'state/restored'),
    reconcile: () => ask(ReconcileReportView, 'POST', 'reconcile'),
    listStartReports: async () => (await ask(StartReportsAnswer, 'GET', 'reconcile')).reports,
    examine: () => ask(DoctorAnswer, 'GET', 'doctor'),
    readConfiguration: () => ask(ConfigurationAnswer, 'GET', 'config'),
    listDefinitions: async (family) =>
      (await ask(DefinitionsAnswer, 'GET', `task-definitions?${query(family === undefined ? {} : { family })}`))
        .definitions,
    readDefinition: (id) => ask(DefinitionDetailView, 'GET', `task-definitions/${id}`),
    diffDefinitions: ({ before, after }) =>
      ask(DefinitionDiffAnswer, 'GET', `task-definitions/${after}/diff?before=${before}`),
    listClusters: async () => (await ask(ClustersAnswer, 'GET', 'clusters')).clusters,
    findCluster: (name) => ask(ClusterView, 'GET', at('clusters', name)),
    examineCluster: (name) => ask(ClusterCheckAnswer, 'GET', `${at('clusters', name)}/check`),
    saveCluster: (name, cluster) => ask(ClusterView, 'PUT', at('clusters', name), cluster),
    useCluster: (name) => ask(ClusterView, 'PUT', `${at('clusters', name)}/active`),
    deleteCluster: async (name) => {
      await request('DELETE', at('clusters', name));
    },
    listTokens: async () => (await ask(TokensAnswer, 'GET', 'tokens')).tokens,
    createToken: (token) => ask(NewTokenAnswer, 'POST', 'tokens', token),
    revokeToken: (id) => ask(TokenView, 'DELETE', `tokens/${id}`),
    readBuildKeys: () => ask(BuildKeysView, 'GET', 'build-steps/public-keys'),
    rotateBuildKey: () => ask(BuildKeysView, 'POST', 'build-steps/public-keys'),
    readSecrets: () => ask(SecretsView, 'GET', 'secrets'),
    rotateSecrets: (to) => ask(RotationAnswer, 'POST', 'secrets/rotate', { to }),
    readAudit: (given) => ask(AuditPage, 'GET', `audit?${query(given)}`),
  };
}
