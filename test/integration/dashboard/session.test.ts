import { describe, expect, it } from 'vitest';
import { inspect, WITHOUT_BROWSER } from '../../kit/browser.ts';
import { useServedDashboard } from '../../kit/served-dashboard.ts';

describe.skipIf(WITHOUT_BROWSER !== undefined)(`signing in (${WITHOUT_BROWSER ?? 'in a browser'})`, () => {
  const served = useServedDashboard();

  it('takes a token, and says in words what is wrong with one that nobody gave out', async () => {
    await served.serve('nobody');
    const token = served.services.giveToken({ name: 'ben', role: 'viewer' });
    const page = await served.browser.open(`${served.url}/queue`);
    await page.getByLabel('Token', { exact: true }).fill('stranger');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('Nobody gave out this token').waitFor();
    expect(await inspect(page, 'login')).toEqual([]);
    // The browser itself notes each answer that is an error.
    expect(served.browser.takeComplaints().join()).toContain('401');
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Queue' }).waitFor();
    await page.getByText('ben · viewer').waitFor();
    expect(await page.getByRole('link', { name: 'Clusters' }).count()).toBe(0);
    await page.getByText('ben · viewer').click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  it('is asked for again when the token was revoked, at the same address', async () => {
    await served.serve('nobody');
    const token = served.services.giveToken({ name: 'ben', role: 'viewer' });
    const { id } = await served.services.addTask({ kind: 'BuildSteps', title: 'Mine', options: {}, createdBy: 'ben' });
    const page = await served.browser.open(`${served.url}/tasks/${id}`);
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Mine' }).waitFor();
    served.services.principals.delete(token);
    await page.getByText('Your token was revoked, or your session is over.').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/tasks/${id}`);
    expect(served.browser.takeComplaints().every((one) => one.includes('401'))).toBe(true);
  });

  it('is not needed in a development system', async () => {
    await served.serve('operator');
    const page = await served.browser.open(`${served.url}/`);
    await page.getByText('ana · operator').waitFor();
    await page.getByRole('heading', { name: 'No build yet' }).waitFor();
    expect(await inspect(page, 'first-run')).toEqual([]);
  });
});

describe.skipIf(WITHOUT_BROWSER !== undefined)(`the connection (${WITHOUT_BROWSER ?? 'in a browser'})`, () => {
  const served = useServedDashboard();

  it('is said to be lost when the node goes, with what is shown as it was, and back when it is', async () => {
    await served.serve();
    const { id } = await served.services.addTask({
      kind: 'BuildSteps',
      title: 'Lasting',
      options: {},
      createdBy: 'ana',
    });
    const running = { status: 'WAITING', phase: 'running', startedAt: '2026-11-28T10:00:00Z' } as const;
    served.services.change(id, running, { output: 'before\n' });
    const page = await served.browser.open(`${served.url}/tasks/${id}`);
    await page.locator('.ln', { hasText: 'before' }).waitFor();
    await served.stopServing();
    await page.getByText('The node does not answer; reconnecting…').waitFor();
    expect(await page.locator('.ln', { hasText: 'before' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Terminate…' }).isDisabled()).toBe(true);
    expect(await inspect(page, 'reconnecting')).toEqual([]);
    await served.serveAgain();
    served.services.change(id, {}, { output: 'after\n' });
    await page
      .getByRole('button', { name: 'Try now' })
      .click({ noWaitAfter: true, timeout: 2_000 })
      .catch(() => undefined); // it may be back already, and the button gone
    await page.locator('.ln', { hasText: 'after' }).waitFor();
    await page.getByText('The node does not answer').waitFor({ state: 'detached' });
    expect(await page.locator('.ln', { hasText: 'before' }).count()).toBe(1);
    expect(served.browser.takeComplaints().every((one) => one.includes('ERR_'))).toBe(true);
  });

  it('is lost when the node takes requests and answers none, and is back when it goes on', async () => {
    await served.serve();
    served.services.groups.set('shop', {
      ...{ name: 'shop', running: 0, maxRunning: 3, queued: 0, retentionDays: 3, clusters: [], pause: null },
    });
    const page = await served.browser.open(`${served.url}/queue`);
    const pause = page.getByRole('button', { name: 'Pause… the group shop' });
    await pause.waitFor();
    expect(await pause.isEnabled()).toBe(true);
    await page.route('**/v1/**', () => new Promise<void>(() => undefined));
    await page.getByRole('status').getByText('Reconnecting', { exact: true }).waitFor();
    expect(await pause.isDisabled()).toBe(true);
    await page.getByText('The node does not answer; reconnecting…').waitFor();
    await page.unroute('**/v1/**');
    await page
      .getByRole('button', { name: 'Try now' })
      .click({ noWaitAfter: true, timeout: 2_000 })
      .catch(() => undefined); // it may be back already, and the button gone
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await page.getByText('The node does not answer').waitFor({ state: 'detached' });
    expect(await pause.isEnabled()).toBe(true);
  });

  it('goes on in a maintenance, which a banner explains', async () => {
    await served.serve();
    served.services.maintenance = { isOn: true, reason: 'database upgrade', since: '2026-11-28T10:00:00Z', by: 'ana' };
    const page = await served.browser.open(`${served.url}/`);
    await page.getByText(/Maintenance since .* by ana: database upgrade\./).waitFor();
  });
});
