import { describe, expect, it } from 'vitest';
import type { TaskViewFacts } from '../../../controlplane/api/tasks/task-views.ts';
import { inspect, WITHOUT_BROWSER } from '../../kit/programs/browser.ts';
import { useServedDashboard } from '../../kit/programs/served-dashboard.ts';

const MANY = 10_000;

// Each opens pages, which takes seconds, and longer on busy cores.
const TEST_MS = 120_000;
const TITLE = `the list of tasks (${WITHOUT_BROWSER ?? 'in a browser'})`;

describe.skipIf(WITHOUT_BROWSER !== undefined)(TITLE, { timeout: TEST_MS }, () => {
  const served = useServedDashboard();

  /** Adds a task in this condition. */
  async function addTask(title: string, facts: Partial<TaskViewFacts> = {}): Promise<number> {
    const submitted = { kind: 'BuildSteps', title, options: {}, createdBy: 'ana' };
    const { id } = await served.services.addTask(submitted);
    served.services.change(id, facts);
    return id;
  }

  const RUNNING = {
    status: 'WAITING',
    phase: 'running',
    state: 'executeBuildScript',
    startedAt: '2026-11-28T10:00:00Z',
  } as const;
  const FAILED = {
    ...RUNNING,
    status: 'COMPLETE',
    phase: 'ended',
    exitStatus: 'ERROR_USER',
    exitMessage: 'The disk limit was exceeded',
    completedAt: '2026-11-28T10:05:00Z',
    cause: 'limit-disk',
  } as const;

  it('shows tasks by what they do, and a change of one without being asked', async () => {
    await served.serve();
    const id = await addTask('Checkout', RUNNING);
    await addTask('Prices');
    await addTask('Ingest', FAILED);
    const page = await served.browser.open(`${served.url}/`);
    await page.locator('.row', { hasText: 'Checkout' }).getByText('Running').waitFor();
    await page.locator('.row', { hasText: 'Prices' }).getByText('Queued').waitFor();
    await page.locator('.row', { hasText: 'Ingest' }).getByText('The disk limit was exceeded.').waitFor();
    await page.getByRole('link', { name: `Checkout, task ${id}, Running` }).waitFor();
    expect(await inspect(page, 'tasks')).toEqual([]);
    const completedAt = served.services.clock.now().toISOString();
    const succeeded = { ...FAILED, completedAt, exitStatus: 'COMPLETED', cause: null } as const;
    served.services.change(id, { ...succeeded, exitMessage: 'The build succeeded' });
    await page.locator('.row', { hasText: 'Checkout' }).getByText('Succeeded', { exact: true }).waitFor();
    await page.locator('.tab', { hasText: 'Running' }).getByText('0', { exact: true }).waitFor();
  });

  it('keeps its filter in the address, where Back undoes it', async () => {
    await served.serve();
    await addTask('Checkout', RUNNING);
    await addTask('Ingest', FAILED);
    const page = await served.browser.open(`${served.url}/`);
    await page.getByRole('link', { name: /^Failed/ }).click();
    await page.locator('.row', { hasText: 'Ingest' }).waitFor();
    await page.locator('.row', { hasText: 'Checkout' }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('?status=failed');
    await page.goBack();
    await page.locator('.row', { hasText: 'Checkout' }).waitFor();
    await page.goto(`${served.url}/?q=nothing+like+it`);
    await page.getByText('No task matches').waitFor();
    expect(await inspect(page, 'tasks-none')).toEqual([]);
  });

  it('is filtered by branch, submitter and time, which the address names', async () => {
    await served.serve();
    await addTask('Checkout', {
      ...RUNNING,
      source: { repository: 'https://git/shop', branch: 'main', ref: null, commit: null },
    });
    await addTask('Prices', {
      ...RUNNING,
      source: { repository: 'https://git/shop', branch: 'next', ref: null, commit: null },
    });
    const page = await served.browser.open(`${served.url}/`);
    await page.locator('.row', { hasText: 'Prices' }).waitFor();
    await page.getByText('More filters').click();
    await page.getByLabel('Branch', { exact: true }).fill('main');
    await page.locator('.row', { hasText: 'Prices' }).waitFor({ state: 'detached' });
    await page.locator('.row', { hasText: 'Checkout' }).waitFor();
    await page.getByLabel('Submitted by').fill('ben');
    await page.getByText('No task matches').waitFor();
    expect(new URL(page.url()).search).toBe('?branch=main&submitter=ben');
    expect(await inspect(page, 'tasks-filters')).toEqual([]);
    await page.getByRole('link', { name: 'Clear these' }).click();
    await page.getByLabel('Since').fill('2100-01-01T00:00');
    await page.getByText('No task matches').waitFor();
  });

  it('pauses, resumes and terminates the selected tasks, the last after one question', async () => {
    await served.serve();
    const ids = [await addTask('Checkout', RUNNING), await addTask('Prices', RUNNING)];
    await addTask('Other', RUNNING);
    const page = await served.browser.open(`${served.url}/`);
    for (const id of ids) await page.getByLabel(`Select task ${id}`).check();
    await page.getByText('2 selected').waitFor();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.locator('.row', { hasText: 'Prices' }).getByText('Paused', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('.row', { hasText: 'Prices' }).getByText('Running').waitFor();
    await page.getByRole('button', { name: 'Terminate…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Terminate 2 tasks?' });
    await dialog.waitFor();
    expect(ids.map((id) => served.services.tasks.get(id)?.facts.isTerminating)).toEqual([false, false]);
    await dialog.getByRole('button', { name: 'Terminate' }).click();
    await page.locator('.row', { hasText: 'Checkout' }).getByText('Stopping').waitFor();
    expect([...served.services.tasks.values()].map(({ facts }) => facts.isTerminating)).toEqual([true, true, false]);
  });

  it('goes by the keyboard: next, previous, select, open, filter and all keys', async () => {
    await served.serve();
    await addTask('First', RUNNING);
    await addTask('Second', RUNNING);
    const page = await served.browser.open(`${served.url}/`);
    await page.locator('.row', { hasText: 'Second' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    expect(await page.getByLabel('Select task 1').isChecked()).toBe(true);
    await page.keyboard.press('k');
    await page.keyboard.press('/');
    await page.keyboard.type('jkx');
    expect(new URL(page.url()).searchParams.get('q')).toBe('jkx');
    await page.goto(`${served.url}/`);
    await page.locator('.row', { hasText: 'Second' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${served.url}/tasks/2`);
  });

  it('scrolls through ten thousand tasks, and draws only those on the screen', async () => {
    await served.serve();
    for (let index = 0; index < MANY; index += 1) await addTask(`Build ${index}`, FAILED);
    const page = await served.browser.open(`${served.url}/`);
    await page.locator('.row').first().waitFor();
    await page.evaluate(`(async () => {
      const isDone = () => [...document.querySelectorAll('.src')].some((one) => one.textContent.startsWith('#1 '));
      while (!isDone()) {
        scrollTo(0, document.documentElement.scrollHeight);
        await new Promise(requestAnimationFrame);
      }
    })()`);
    await page.locator('.row', { hasText: 'Build 0' }).first().waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(60);
    expect(
      await page
        .locator('.rows')
        .first()
        .evaluate((list) => list.scrollHeight),
    ).toBe(MANY * 56);
  });

  it('is told of changes by the stream, and asks for the list itself only once in a while', async () => {
    await served.serve();
    const id = await addTask('Checkout', RUNNING);
    const page = await served.browser.open(`${served.url}/`);
    await page.locator('.row', { hasText: 'Checkout' }).waitFor();
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
    for (const state of ['second', 'third', 'fourth', 'fifth']) {
      served.services.change(id, { state });
      await page.locator('.row', { hasText: state }).waitFor();
    }
    await addTask('Late', RUNNING);
    await page.locator('.row', { hasText: 'Late' }).waitFor();
    // The two lists are read once more when the stream has opened: what changed before is not lost.
    expect(asked.filter((path) => path === '/v1/tasks').length).toBeLessThanOrEqual(2);
    expect(asked.filter((path) => path === '/v1/stream').length).toBeLessThanOrEqual(1);
  });

  it('reads the list again and again from a node that has no stream of it', async () => {
    await served.serve();
    const id = await addTask('Checkout', RUNNING);
    const page = await served.browser.open('about:blank');
    await page.route('**/v1/stream?*', (route) => route.fulfill({ status: 404, json: { code: 'ROUTE_UNKNOWN' } }));
    await page.goto(`${served.url}/`);
    for (const state of ['second', 'third']) {
      served.services.change(id, { state });
      await page.locator('.row', { hasText: state }).waitFor();
    }
    expect(served.browser.takeComplaints().join()).toContain('404');
  });

  it('holds new tasks back while somebody reads further down', async () => {
    await served.serve();
    for (let index = 0; index < 60; index += 1) await addTask(`Build ${index}`, RUNNING);
    const page = await served.browser.open(`${served.url}/`);
    await page.locator('.row').first().waitFor();
    await page.evaluate('scrollTo(0, 1200)');
    await addTask('Late', RUNNING);
    const first = await page.locator('.row').nth(20).boundingBox();
    await addTask('Later', RUNNING);
    await page.getByRole('button', { name: '2 new tasks' }).waitFor();
    expect(await page.locator('.row').nth(20).boundingBox()).toEqual(first);
    await page.getByRole('button', { name: '2 new tasks' }).click();
    await page.locator('.row', { hasText: 'Later' }).waitFor();
  });
});
