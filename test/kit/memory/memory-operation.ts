import type { ReconcileReportView } from '../../../controlplane/api/state/state-views.ts';
import { reconcileReport } from '../reconcile-report.ts';
import { randomBytes } from 'node:crypto';
import type { Principal } from '../../../controlplane/api/http/authentication.ts';
import type { AuditQuery, AuditService } from '../../../controlplane/api/audit/audit-service.ts';
import type { GroupChange } from '../../../controlplane/api/groups/group-service.ts';
import type { PauseTarget } from '../../../controlplane/api/state/pause-service.ts';
import type { StatusService } from '../../../controlplane/api/state/status-service.ts';
import type { DoctorService } from '../../../controlplane/api/doctor/doctor-service.ts';
import type { DoctorCheck } from '../../../controlplane/api/doctor/doctor-views.ts';
import { groupUnknown } from '../../../controlplane/api/groups/group-refusals.ts';
import type { GroupView } from '../../../controlplane/api/groups/group-views.ts';
import type { RotationAnswer, SecretsView } from '../../../controlplane/api/secrets/secret-views.ts';
import type {
  ConnectionStatus,
  GroupSummary,
  MaintenanceView,
  PausesView,
  PauseTypeName,
  RestoredAnswer,
  WakesView,
} from '../../../controlplane/api/state/state-views.ts';
import type { MetricsService } from '../../../controlplane/api/metrics/metrics-service.ts';
import type { TokenService } from '../../../controlplane/api/tokens/token-service.ts';
import type { TokenView } from '../../../controlplane/api/tokens/token-views.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { MemoryClusters } from './memory-clusters.ts';

/** An operator's action in the form of an audit entry. */
export interface Audited {
  readonly by: string;
  readonly action: string;
  readonly subject: string;
}

const NO_ROTATION: SecretsView = {
  target: '0000000a',
  sealingWith: '0000000a',
  keys: [{ id: '0000000a', values: 1 }],
  nodes: [{ name: 'node-a', masterKeys: ['0000000a'], sealingWith: '0000000a' }],
  waitingFor: [],
  isDone: true,
};
const NO_MAINTENANCE: MaintenanceView = { isOn: false, reason: null, since: null, by: null };

/** The services for operators, in memory. Tests use its public fields directly. */
export class MemoryOperation extends MemoryClusters {
  /** Token → its principal. */
  readonly principals = new Map<string, Principal>();
  readonly groups = new Map<string, GroupView>();
  readonly audit: Audited[] = [];
  pauses: PausesView = { global: null, groups: {} };
  maintenance: MaintenanceView = NO_MAINTENANCE;
  restored: RestoredAnswer['restored'] = null;
  checks: DoctorCheck[] = [];
  summaries: GroupSummary[] = [];
  answered = 0;
  readonly #tokens = new Map<number, { view: TokenView; token: string }>();

  readonly listGroups = async (): Promise<readonly GroupView[]> => [...this.groups.values()];
  readonly setGroup = async ({ name, clusters, ...change }: GroupChange, by: string): Promise<void> => {
    const plain: GroupView = {
      name,
      running: 0,
      maxRunning: 3,
      queued: 0,
      pause: null,
      retentionDays: 3,
      clusters: [],
    };
    this.groups.set(name, {
      ...plain,
      ...this.groups.get(name),
      ...change,
      ...(clusters && { clusters: [...clusters] }),
    });
    this.audit.push({ by, action: 'set-limits', subject: `group/${name}` });
  };

  readonly removeGroup = async (name: string, by: string): Promise<void> => {
    if (!this.groups.delete(name)) throw groupUnknown(name);
    this.audit.push({ by, action: 'delete', subject: `group/${name}` });
  };

  readonly readPauses = async (): Promise<PausesView> => this.pauses;
  readonly pauseAll = async (target: PauseTarget, type: PauseTypeName, by: string): Promise<void> => {
    if (target === 'all') this.pauses = { ...this.pauses, global: type };
    else for (const name of target) this.pauses.groups[name] = type;
    this.audit.push({ by, action: 'pause', subject: String(target) });
  };
  readonly resumeAll = async (target: PauseTarget, by: string): Promise<void> => {
    if (target === 'all') this.pauses = { ...this.pauses, global: null };
    else for (const name of target) delete this.pauses.groups[name];
    this.audit.push({ by, action: 'resume', subject: String(target) });
  };

  readonly readMaintenance = async (): Promise<MaintenanceView> => this.maintenance;
  readonly startMaintenance = async (reason: string | null, by: string): Promise<void> => {
    this.maintenance = { isOn: true, reason, since: this.now(), by };
  };
  readonly endMaintenance = async (): Promise<void> => {
    this.maintenance = NO_MAINTENANCE;
  };

  /** What the nodes found at their starts; the next comparison finds the first. */
  reports: ReconcileReportView[] = [];
  readonly listStartReports: StatusService['listStartReports'] = async () => this.reports;
  readonly reconcile: StatusService['reconcile'] = async () => this.reports[0] ?? reconcileReport();
  readonly readRestored: StatusService['readRestored'] = async () => this.restored;
  readonly confirmRestored = async (by: string): Promise<void> => {
    this.restored = null;
    this.audit.push({ by, action: 'confirm-restore', subject: 'database' });
  };

  /** The living nodes; the one that answers when there are none. */
  nodes: ConnectionStatus['nodes'] = [];
  wakes: WakesView | null = null;
  readonly readStatus: StatusService['readStatus'] = async () => ({
    version: '0.0.0-test',
    node: 'node-a',
    tasks: {},
    pauses: this.pauses,
    maintenance: this.maintenance,
    nodes:
      this.nodes.length > 0
        ? this.nodes
        : [{ name: 'node-a', version: '0.0.0-test', startedAt: this.now(), seenAt: this.now() }],
    wakes: this.wakes,
  });
  readonly summariseTasks = async (): Promise<readonly GroupSummary[]> => this.summaries;

  /** Makes a token for the principal, like an administrator. */
  giveToken(principal: Principal): string {
    const token = randomBytes(32).toString('base64url');
    this.principals.set(token, principal);
    return token;
  }
  readonly listTokens = async (): Promise<readonly TokenView[]> => [...this.#tokens.values()].map(({ view }) => view);
  readonly createToken: TokenService['createToken'] = async (principal) => {
    const token = this.giveToken(principal);
    const { name, role, groups = [] } = principal;
    const view = {
      id: this.#tokens.size + 1,
      name,
      role,
      groups: [...groups],
      createdAt: this.now(),
      revokedAt: null,
    };
    this.#tokens.set(view.id, { view, token });
    return { ...view, token };
  };
  readonly revokeToken = async (id: number): Promise<'revoked' | 'unknown'> => {
    const found = this.#tokens.get(id);
    if (!found || found.view.revokedAt !== null) return 'unknown';
    this.principals.delete(found.token);
    found.view.revokedAt = this.now();
    return 'revoked';
  };

  /** Requested filters. A query returns a page without filtering: filters are the database's part. */
  readonly auditAsked: AuditQuery[] = [];
  readonly readAudit: AuditService['readAudit'] = async (filter) => {
    this.auditAsked.push(filter);
    const { beforeId = Infinity, limit } = filter;
    return this.audit
      .map(({ by, action, subject }, index) => ({
        id: index + 1,
        at: this.now(),
        actor: by,
        action,
        subject,
        detail: null,
      }))
      .reverse()
      .filter(({ id }) => id < beforeId)
      .slice(0, limit);
  };

  secrets: SecretsView = NO_ROTATION;
  /** Answers of the next requests for a rotation. */
  readonly rotations: RotationAnswer[] = [];
  readonly rotatedTo: string[] = [];
  readonly readSecrets = async (): Promise<SecretsView> => this.secrets;
  readonly rotateSecrets = async (to: string): Promise<RotationAnswer> => {
    this.rotatedTo.push(to);
    const known = this.secrets.nodes.every(({ masterKeys }) => masterKeys?.includes(to));
    if (!known) {
      throw new OperationalError('MASTER_KEY_NOT_EVERYWHERE', { happened: 'A node lacks it', remedy: 'Give it both' });
    }
    return this.rotations.shift() ?? { ...this.secrets, rewrapped: 0 };
  };

  readonly examine: DoctorService['examine'] = async () => ({
    node: 'node-a',
    version: '0.0.0-test',
    checks: this.checks,
  });
  readonly readMetrics: MetricsService['readMetrics'] = async () => ({
    type: 'text/plain; version=0.0.4',
    text: `wip_answered ${this.answered}\n`,
  });
  readonly onAnswered = (): void => {
    this.answered += 1;
  };
}
