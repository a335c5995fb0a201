import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { WITHOUT_BROWSER } from '../../kit/programs/browser.ts';
import { useServedDashboard } from '../../kit/programs/served-dashboard.ts';

const REFUSAL = 'Your token may look, and no more, since a minute ago.';
const TITLE = `what a node refuses in the dashboard (${WITHOUT_BROWSER ?? 'in a browser'})`;

describe.skipIf(WITHOUT_BROWSER !== undefined)(TITLE, () => {
  const served = useServedDashboard();

  /** Lets the page read and refuses what it wants to change. */
  async function refuseChanges(page: Page): Promise<void> {
    await page.route('**/v1/**', async (route) => {
      if (route.request().method() === 'GET') return route.continue();
      return route.fulfill({ status: 403, json: { code: 'FORBIDDEN', message: REFUSAL, requestId: 'r-1' } });
    });
  }

  /** Presses a button that asks nothing first, and expects the refusal beside it and nothing else to have changed. */
  async function isRefused(path: string, button: string | RegExp): Promise<void> {
    const page = await served.browser.open(`${served.url}${path}`);
    const pressed = page.getByRole('button', { name: button });
    await pressed.waitFor();
    await refuseChanges(page);
    await pressed.click();
    await page.getByRole('alert').getByText(REFUSAL).waitFor();
    expect(await pressed.isEnabled()).toBe(true);
    expect(served.browser.takeComplaints()).toEqual([expect.stringContaining('403')]);
  }

  it('is said when a pause of everything, of a group or of a task does not end', async () => {
    await served.serve();
    const { services } = served;
    const { id } = await services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ana' });
    services.change(id, { status: 'WAITING', phase: 'running', isPaused: true });
    services.groups.set('shop', {
      ...{ name: 'shop', running: 0, maxRunning: 3, queued: 0, retentionDays: 3, clusters: [] },
      pause: 'soft',
    });
    services.pauses = { global: 'soft', groups: { shop: 'soft' }, origins: {} };
    await isRefused('/queue', 'Resume everything');
    await isRefused('/queue', 'Resume the group shop');
    await isRefused(`/tasks/${id}`, /^Resume$/);
  });

  it('is said when a maintenance does not end', async () => {
    await served.serve();
    served.services.maintenance = { isOn: true, reason: 'disks', since: '2026-03-01T12:00:00.000Z', by: 'ana' };
    await isRefused('/health', /^End the maintenance of/);
  });
});
