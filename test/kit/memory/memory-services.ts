import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import type { Readiness } from '../../../controlplane/api/health/health-service.ts';
import type { AcceptedCallers } from '../../../shared/http/http-callers.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { createSealer } from '../../../shared/keys/sealing.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { createHookService } from '../../../controlplane/api/hooks/hook-service.ts';
import type { Hook } from '../../../controlplane/hooks/hook.ts';
import { createKindService } from '../../../controlplane/api/kinds/kind-service.ts';
import type { ConfigurationAnswer, SettingView } from '../../../controlplane/api/configuration/configuration-views.ts';
import { createMemoryDefinitions } from './memory-definitions.ts';
import { createMemoryCauses, createMemoryQueue } from './memory-queue.ts';
import { createDashboardService } from '../../../controlplane/api/dashboard/dashboard-service.ts';
import { createSessionService, type SessionService } from '../../../controlplane/api/sessions/session-service.ts';
import type { HttpApiDeps } from '../../../controlplane/api/create-http-api.ts';
import type { Principal } from '../../../controlplane/api/http/authentication.ts';
import { createTaskListWatch } from '../../../controlplane/api/tasks/streams/task-list-watch.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import type { BuildKeysView } from '../../../controlplane/api/secrets/secret-views.ts';
import { MemoryAgentReports } from './memory-agent-reports.ts';

const MASTER_KEY = new Secret(Buffer.alloc(32, 7));

/**
 * Every service of the API in memory: the work of store and engine for the routes, complete but lost at the end.
 * Tests use its public fields directly.
 */
export class MemoryServices extends MemoryAgentReports {
  readonly log = createLogger('test', 'silent');
  readonly version = '0.0.0-test';
  /** Settings of the node. */
  settings: readonly SettingView[] = [];
  rates = { tokenRate: 1_000, containerRate: 1_000 };
  /** What is built for webhooks. */
  readonly hooks: Hook[] = [];
  reasonsNotReady: readonly string[] = [];
  readonly callers: AcceptedCallers = { publicUrl: null, hosts: [] };
  /** The token that callers on this machine get a session with. */
  loopbackToken: string | null = null;
  /** Where the built dashboard is. */
  dashboardDirectory = '/nonexistent';
  url = 'http://127.0.0.1';
  #requests = 0;

  constructor(clock: Clock = systemClock) {
    super(clock);
  }

  /** Returns the dependencies of the server: this object is each of the services. */
  get apiDeps(): HttpApiDeps {
    return {
      services: {
        authenticator: this,
        health: this,
        metrics: this,
        enrolment: this,
        agents: this,
        tasks: this,
        hooks: createHookService({
          hooks: this.hooks,
          tasks: this,
          maintenance: this,
          publicUrl: () => this.url,
          clock: this.clock,
          log: this.log,
        }),
        recordings: this,
        taskDetails: this,
        watchers: this,
        listWatch: createTaskListWatch({ readVersions: this.readVersions, clock: this.clock }),
        kinds: createKindService(new Map(SHIPPED_KINDS.map((kind) => [kind.kind, kind]))),
        queue: this.queue,
        causes: this.causes,
        groups: this,
        pauses: this,
        maintenance: this,
        status: this,
        tokens: this,
        clusters: this,
        configuration: this,
        definitions: this.definitions,
        audit: this,
        secrets: this,
        buildValues: this,
        doctor: this,
        sessions: this.sessions,
        dashboard: createDashboardService(async () => this.dashboardDirectory),
      },
      acceptedCallers: this.callers,
      rates: this.rates,
      whyDatabaseFailed: () => null,
      isEnding: () => false,
      createRequestId: () => `request-${(this.#requests += 1)}`,
      clock: this.clock,
      log: this.log,
    };
  }

  readonly definitions = createMemoryDefinitions();
  readonly queue = createMemoryQueue();
  readonly causes = createMemoryCauses();

  readonly readConfiguration = (): ConfigurationAnswer => ({
    node: 'node-a',
    version: this.version,
    settings: [...this.settings],
  });

  get sessions(): SessionService {
    const sealer = createSealer(MASTER_KEY);
    const sessions = createSessionService({
      sealer,
      clock: this.clock,
      loopbackToken: null,
      publicUrl: () => this.url,
    });
    const loopbackToken = (): string | null => this.loopbackToken;
    return {
      ...sessions,
      get loopbackToken() {
        return loopbackToken();
      },
    };
  }

  readonly authenticate = async (token: string): Promise<Principal | null> => this.principals.get(token) ?? null;
  launchBlocks: readonly string[] = [];
  findReadiness(): Promise<Readiness> {
    const launches = this.reasonsNotReady.length > 0 ? [] : this.launchBlocks;
    return Promise.resolve({ reasons: this.reasonsNotReady, launches });
  }

  /** Ids of the keys of build files, the newest first. */
  buildKeyIds: string[] = ['key-1'];
  readonly publicKey = async (): Promise<string> => '-----BEGIN PUBLIC KEY-----\n';
  readonly publicKeys = async (): Promise<BuildKeysView> => ({
    keys: this.buildKeyIds.map((kid) => ({ kid, kty: 'EC', createdAt: null })),
  });
  readonly rotateBuildKey = async (): Promise<BuildKeysView> => {
    this.buildKeyIds.unshift(`key-${this.buildKeyIds.length + 1}`);
    return this.publicKeys();
  };
  readonly seal = (value: string): Promise<string> =>
    Promise.resolve(`sealed:${Buffer.from(value).toString('base64')}`);
}
