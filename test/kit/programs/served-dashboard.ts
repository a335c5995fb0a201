import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { bundleDashboard } from '../../../config/dashboard-bundle.ts';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { TestBrowser } from './browser.ts';
import { MemoryServices } from '../memory/memory-services.ts';

/** A browser, and a server with services in memory that serves it the dashboard. */
export class ServedDashboard {
  services = new MemoryServices();
  #app: FastifyInstance | undefined;
  #browser: TestBrowser | undefined;
  #port = 0;
  readonly #directory = mkdtempSync(join(tmpdir(), 'wip-dashboard-'));

  get browser(): TestBrowser {
    if (!this.#browser) throw new Error('ask for the browser inside of tests only');
    return this.#browser;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    await bundleDashboard(join(import.meta.dirname, '../../..'), this.#directory);
    this.#browser = await TestBrowser.start();
  }

  /** Serves with everything new, and browsers on this machine signed in as this. */
  async serve(role: 'viewer' | 'operator' | 'admin' | 'nobody' = 'operator'): Promise<void> {
    await this.stopServing();
    this.services = new MemoryServices();
    if (role !== 'nobody') this.services.loopbackToken = this.services.giveToken({ name: 'ana', role });
    this.#port = 0;
    await this.serveAgain();
  }

  /** Serves what was there before the node went away, at the same address. */
  async serveAgain(): Promise<void> {
    this.services.dashboardDirectory = this.#directory;
    this.#app = createHttpApi(this.services.apiDeps);
    await this.#app.listen({ host: '127.0.0.1', port: this.#port });
    this.#port = (this.#app.server.address() as AddressInfo).port;
  }

  /** As a node that is killed: connections break. */
  async stopServing(): Promise<void> {
    this.#app?.server.closeAllConnections();
    await this.#app?.close();
    this.#app = undefined;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.stopServing();
    rmSync(this.#directory, { recursive: true });
  }
}

/** Serves the dashboard to the tests of a file. After each, no page may have complained. */
export function useServedDashboard(): ServedDashboard {
  const served = new ServedDashboard();
  beforeAll(() => served.start());
  afterEach(async () => {
    await served.browser.closePages();
    expect(served.browser.takeComplaints()).toEqual([]);
  });
  afterAll(() => served.close());
  return served;
}
