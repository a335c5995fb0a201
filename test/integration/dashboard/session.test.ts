import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { inspect, WITHOUT_BROWSER } from '../../kit/programs/browser.ts';
import { useServedDashboard } from '../../kit/programs/served-dashboard.ts';

describe.skipIf(WITHOUT_BROWSER !== undefined)(`signing in (${WITHOUT_BROWSER ?? 'in a browser'})`, () => {
  const served = useServedDashboard();

  it('takes a token, and says in words what is wrong with one that nobody gave out', async () => {
    await served.serve('nobody');
    const token = served.services.giveToken({ name: 'ben', role: 'viewer' });
    const page = await served.browser.open(`${served.url}/queue`);
    await page.getByLabel('Token', { exact: true }).fill('stranger');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('This server does not know this token').waitFor();
    expect(await inspect(page, 'login')).toEqual([]);
    // The browser itself notes each answer that is an error.
    expect(served.browser.takeComplaints().join()).toContain('401');
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Queue' }).waitFor();
    await page.getByText('ben · viewer').waitFor();
    expect(await page.getByRole('link', { name: 'Clusters' }).count()).toBe(0);
    await signOutOf(page);
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  });

  it('is asked for again when the token was revoked, at the same address', async () => {
    await served.serve('nobody');
    const token = served.services.giveToken({ name: 'ben', role: 'viewer' });
    const { id } = await served.services.addTask({ kind: 'BuildSteps', title: 'Mine', options: {}, createdBy: 'ben' });
    const page = await served.browser.open(`${served.url}/tasks/${id}`);
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Mine' }).waitFor();
    served.services.principals.delete(token);
    await page.getByText('Your token was revoked, or your session is over.').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/tasks/${id}`);
    expect(served.browser.takeComplaints().every((one) => one.includes('401'))).toBe(true);
  });

  async function signInAs(page: Page, token: string): Promise<void> {
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
  const signOutOf = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: /^Account: / }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token', { exact: true }).waitFor();
  };

  it('shows in all tabs who is signed in, and a button of the old page does what it says or says that it did not', async () => {
    await served.serve('operator');
    const { services, browser, url } = served;
    const ben = services.giveToken({ name: 'ben', role: 'operator' });
    const { id } = await services.addTask({ kind: 'BuildSteps', title: 'Ours', options: {}, createdBy: 'ana' });
    services.change(id, { status: 'WAITING', phase: 'running', startedAt: '2026-11-28T10:00:00Z' });
    const first = await browser.open(`${url}/tasks/${id}`);
    await first.getByText('ana · operator').waitFor();
    const second = await browser.openBeside(first, `${url}/`);
    await second.getByText('ana · operator').waitFor();
    await signOutOf(second);
    await first.getByText('Somebody signed out in another tab of this browser.').waitFor();
    await second.reload();
    expect(await second.getByText('ana · operator').count()).toBe(0);
    await signInAs(second, ben);
    await first.getByText('ben · operator').waitFor();
    // Something else than a tab may have changed the cookie; the page then learns it from a refusal.
    await first.evaluate(
      "fetch('/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })",
    );
    await first.getByRole('button', { name: 'Pause', exact: true }).click();
    await first.getByText('This browser is signed in as ana · operator now.').waitFor();
    expect(services.tasks.get(id)?.facts.isPaused).toBe(false);
    expect(await inspect(first, 'signed-in-otherwise')).toEqual([]);
    await first.getByRole('button', { name: 'Understood' }).click();
    await first.evaluate(
      "fetch('/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })",
    );
    await first.getByRole('button', { name: 'Pause', exact: true }).click();
    await first.getByRole('button', { name: 'Resume', exact: true }).waitFor();
    expect(await first.getByRole('alert').count()).toBe(0);
    expect(browser.takeComplaints().every((one) => /40[13]/.test(one))).toBe(true);
  });

  it('is asked for after a sign-out from a development system, which does not sign in again by itself', async () => {
    await served.serve('operator');
    const page = await served.browser.open(`${served.url}/queue`);
    await page.getByText('ana · operator').waitFor();
    await signOutOf(page);
    await page.reload();
    await page.getByText('This development system allows it on its own machine.').waitFor();
    expect(await inspect(page, 'login-development')).toEqual([]);
    await page.getByRole('button', { name: 'Sign in without a token' }).click();
    await page.getByText('ana · operator').waitFor();
    await page.reload();
    await page.getByText('ana · operator').waitFor();
  });

  it('ends where one asks for it, in a window of any width', async () => {
    await served.serve('nobody');
    const token = served.services.giveToken({ name: 'ben', role: 'viewer' });
    const page = await served.browser.open(`${served.url}/queue`);
    for (const width of [1440, 1000, 375]) {
      await page.setViewportSize({ width, height: 800 });
      await signInAs(page, token);
      await page.getByRole('heading', { name: 'Queue' }).waitFor();
      await page.getByRole('button', { name: 'Account: ben · viewer' }).click();
      await page.getByRole('heading', { name: 'You are signed in as ben' }).waitFor();
      if (width === 375) expect(await inspect(page, 'account')).toEqual([]);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Token', { exact: true }).waitFor();
    }
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
