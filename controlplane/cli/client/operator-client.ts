import { z } from 'zod';
import { AuditPage } from '../../api/audit/audit-views.ts';
import { ClusterCheckAnswer, ClustersAnswer, ClusterView } from '../../api/clusters/cluster-views.ts';
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
import { createApi, type BodyOf } from './api.ts';
import type { Connection } from './find-connection.ts';

export type ClusterToSave = BodyOf<'/v1/clusters/{name}', 'put'>;

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
  removeGroup(name: string): Promise<void>;
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
  saveCluster(name: string, cluster: ClusterToSave): Promise<ClusterView>;
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
  const { ask, routes } = createApi(connection);
  const named = (name: string) => ({ params: { path: { name } } });
  const ofGroups = (groups: readonly string[] | undefined) => (groups ? { group: [...groups] } : {});
  return {
    listGroups: async () => (await ask(GroupsAnswer, routes.GET('/v1/groups'))).groups,
    findGroup: (name) => ask(GroupView, routes.GET('/v1/groups/{name}', named(name))),
    setGroup: (name, { clusters, ...limits }) => {
      const body = { ...limits, ...(clusters && { clusters: [...clusters] }) };
      return ask(GroupView, routes.PUT('/v1/groups/{name}', { ...named(name), body }));
    },
    removeGroup: (name) => ask(z.void(), routes.DELETE('/v1/groups/{name}', named(name))),
    pause: (groups, type) =>
      ask(PausesView, routes.PUT('/v1/tasks/pause', { params: { query: { type, ...ofGroups(groups) } } })),
    resume: (groups) => ask(PausesView, routes.DELETE('/v1/tasks/pause', { params: { query: ofGroups(groups) } })),
    readMaintenance: () => ask(MaintenanceView, routes.GET('/v1/state/maintenance')),
    startMaintenance: (reason) =>
      ask(MaintenanceView, routes.PUT('/v1/state/maintenance', { body: reason === undefined ? {} : { reason } })),
    endMaintenance: () => ask(MaintenanceView, routes.DELETE('/v1/state/maintenance')),
    readRestored: () => ask(RestoredAnswer, routes.GET('/v1/state/restored')),
    confirmRestored: () => ask(RestoredAnswer, routes.DELETE('/v1/state/restored')),
    reconcile: () => ask(ReconcileReportView, routes.POST('/v1/reconcile')),
    listStartReports: async () => (await ask(StartReportsAnswer, routes.GET('/v1/reconcile'))).reports,
    examine: () => ask(DoctorAnswer, routes.GET('/v1/doctor')),
    readConfiguration: () => ask(ConfigurationAnswer, routes.GET('/v1/config')),
    listDefinitions: async (family) => {
      const params = { query: family === undefined ? {} : { family } };
      return (await ask(DefinitionsAnswer, routes.GET('/v1/task-definitions', { params }))).definitions;
    },
    readDefinition: (id) =>
      ask(DefinitionDetailView, routes.GET('/v1/task-definitions/{id}', { params: { path: { id } } })),
    diffDefinitions: ({ before, after }) =>
      ask(
        DefinitionDiffAnswer,
        routes.GET('/v1/task-definitions/{id}/diff', { params: { path: { id: after }, query: { before } } }),
      ),
    listClusters: async () => (await ask(ClustersAnswer, routes.GET('/v1/clusters'))).clusters,
    findCluster: (name) => ask(ClusterView, routes.GET('/v1/clusters/{name}', named(name))),
    examineCluster: (name) => ask(ClusterCheckAnswer, routes.GET('/v1/clusters/{name}/check', named(name))),
    saveCluster: (name, body) => ask(ClusterView, routes.PUT('/v1/clusters/{name}', { ...named(name), body })),
    useCluster: (name) => ask(ClusterView, routes.PUT('/v1/clusters/{name}/active', named(name))),
    deleteCluster: (name) => ask(z.void(), routes.DELETE('/v1/clusters/{name}', named(name))),
    listTokens: async () => (await ask(TokensAnswer, routes.GET('/v1/tokens'))).tokens,
    createToken: ({ groups, ...token }) =>
      ask(NewTokenAnswer, routes.POST('/v1/tokens', { body: { ...token, ...(groups && { groups: [...groups] }) } })),
    revokeToken: (id) => ask(TokenView, routes.DELETE('/v1/tokens/{id}', { params: { path: { id } } })),
    readBuildKeys: () => ask(BuildKeysView, routes.GET('/v1/build-steps/public-keys')),
    rotateBuildKey: () => ask(BuildKeysView, routes.POST('/v1/build-steps/public-keys')),
    readSecrets: () => ask(SecretsView, routes.GET('/v1/secrets')),
    rotateSecrets: (to) => ask(RotationAnswer, routes.POST('/v1/secrets/rotate', { body: { to } })),
    // The command passes on the text as it was typed; the server validates it.
    readAudit: (query) => ask(AuditPage, routes.GET('/v1/audit', { params: { query } })),
  };
}
