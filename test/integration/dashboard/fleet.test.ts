import { describe, expect, it } from 'vitest';
import type { GateView, QueueView } from '../../../controlplane/api/queue/queue-views.ts';
import type { TaskViewFacts, WaitingView } from '../../../controlplane/api/tasks/task-views.ts';
import { inspect, WITHOUT_BROWSER } from '../../kit/programs/browser.ts';
import { reconcileReport } from '../../kit/reconcile-report.ts';
import { useServedDashboard } from '../../kit/programs/served-dashboard.ts';

const SAMPLE = { kind: 'BuildSteps', options: {}, createdBy: 'ana' };
const OPEN = { isOpen: true, since: null, by: null, taskIds: [], group: null };

function gate(code: GateView['code'], sentence: string, more: Partial<GateView> = {}): GateView {
  return { ...OPEN, code, sentence, ...more };
}

function waitsFor(code: string, sentence: string): WaitingView {
  return { code, sentence, since: null, last: null, count: null, until: null, remedy: null, evidence: [] };
}

const TITLE = `the fleet in the dashboard (${WITHOUT_BROWSER ?? 'in a browser'})`;

describe.skipIf(WITHOUT_BROWSER !== undefined)(TITLE, () => {
  const served = useServedDashboard();
  const ago = (seconds: number): string =>
    new Date(served.services.clock.now().getTime() - seconds * 1000).toISOString();

  async function addTask(title: string, facts: Partial<TaskViewFacts> = {}): Promise<number> {
    const { id } = await served.services.addTask({ ...SAMPLE, title });
    served.services.change(id, { group: 'shop', ...facts });
    return id;
  }
  function addGroup(name: string, more: object = {}): void {
    const plain = { name, running: 0, maxRunning: 3, queued: 0, pause: null, retentionDays: 3, clusters: [] };
    served.services.groups.set(name, { ...plain, ...more });
  }
  function queueView(...gates: GateView[]): QueueView {
    return { gates, position: 1, of: 2, expectedStartAt: ago(-125), usualSeconds: 270 };
  }

  /** Three builds run in a group of three places; two more wait, the first for the target of one that runs. */
  async function serveQueue(): Promise<{ readonly holder: number; readonly first: number; readonly second: number }> {
    await served.serve();
    const running = {
      status: 'WAITING',
      phase: 'running',
      startedAt: ago(130),
      state: 'executeBuildScript',
    } as const;
    const holder = await addTask('Storefront: prices', running);
    for (const title of ['Checkout', 'Ingest']) await addTask(title, running);
    const full = { waitsBecause: 'its group shop already runs 3 of 3 tasks' };
    const target = { waitsBecause: `task ${holder} works on the same target` };
    const first = await addTask('Storefront: copy', { ...target, waiting: waitsFor('target-in-use', 'It waits.') });
    const second = await addTask('Gift cards', { ...full, waiting: waitsFor('group-full', 'It waits.') });
    addGroup('shop', {
      running: 3,
      queued: 2,
      oldestQueuedAt: ago(82),
      usualWait: { medianSeconds: 11, p95Seconds: 108 },
    });
    addGroup('web', { pause: 'soft', pausedSince: ago(728), pausedBy: 'mio' });
    served.services.pauses = {
      global: null,
      groups: { web: 'soft' },
      origins: { 'group/web': { since: ago(728), by: 'mio' } },
    };
    const slots = gate('group-full', 'The group shop runs 3 of 3 tasks.', {
      ...{ isOpen: false, since: ago(95), taskIds: [1, 2, 3], group: 'shop' },
    });
    const free = gate('target-in-use', 'No other task works on its target.');
    const held = gate('target-in-use', `Task ${holder} works on the same target.`, {
      ...{ isOpen: false, since: ago(130), taskIds: [holder] },
    });
    const unpaused = [
      gate('task-paused', 'The task is not paused.'),
      gate('all-paused', 'Tasks are not paused.'),
      gate('group-paused', 'The group shop is not paused.', { group: 'shop' }),
    ];
    served.services.queue.views.set(first, queueView(...unpaused, held, slots));
    served.services.queue.views.set(second, { ...queueView(...unpaused, free, slots), position: 2 });
    return { holder, first, second };
  }

  it('a task that waits shows each gate, since when it is closed, who holds it, and when the task starts', async () => {
    const { holder, first, second } = await serveQueue();
    const page = await served.browser.open(`${served.url}/tasks/${first}`);
    const needs = page.locator('#needs');
    await needs.getByText('3 of 5 gates are open').waitFor();
    const closed = needs.locator('li', { hasText: 'works on the same target' });
    await closed.getByText('Closed', { exact: true }).waitFor();
    await closed.getByText(/Closed for \d+\sm\s\d\d\ss, since/).waitFor();
    await page.locator('.now-step', { hasText: 'Position in shop' }).getByText('1 of 2').waitFor();
    await page
      .locator('.now-step div', { hasText: 'Starts about' })
      .getByText(/^\d\d:\d\d:\d\d$/)
      .waitFor();
    expect(await page.getByText('wipctl groups shop --max 4').count()).toBe(0);
    await page
      .locator('#queue')
      .getByRole('link', { name: `${second} Gift cards` })
      .waitFor();
    expect(await inspect(page, 'task-queued-gates')).toEqual([]);
    await page.goto(`${served.url}/tasks/${second}`);
    await page.getByText('wipctl groups shop --max 4').waitFor();
    await needs.getByRole('link', { name: 'task 2' }).waitFor();
    await page.goto(`${served.url}/tasks/${first}`);
    await closed.getByRole('link', { name: `task ${holder}` }).click();
    await page.waitForURL(`${served.url}/tasks/${holder}`);
  });

  it('a started task that is held by a pause says by which, by whom and since when', async () => {
    await served.serve();
    const running = { status: 'WAITING', phase: 'running', startedAt: ago(130), isPaused: true } as const;
    const id = await addTask('Checkout', running);
    addGroup('shop', { running: 1 });
    const paused = gate('task-paused', 'The task is paused.', { isOpen: false, since: ago(61), by: 'mio' });
    const view = { ...queueView(paused, gate('all-paused', 'Tasks are not paused.')), position: null, of: null };
    served.services.queue.views.set(id, view);
    const page = await served.browser.open(`${served.url}/tasks/${id}`);
    await page
      .locator('#needs')
      .getByText(/^Closed for \d+\sm\s\d\d\ss, since .*, by mio\./)
      .waitFor();
    expect(await page.locator('#queue').count()).toBe(0);
  });

  it('the queue has for each task when it starts and, when one asks, all its gates; and who paused what', async () => {
    const { first } = await serveQueue();
    const page = await served.browser.open(`${served.url}/queue`);
    const row = page.getByRole('row', { name: /Storefront: copy/ });
    await row.getByText(/^\d\d:\d\d:\d\d$/).waitFor();
    await page.getByText('1 for a place, 1 for a target').waitFor();
    await page.getByText(/^group web, soft, for \d+\sm\s\d\d\ss, by mio$/).waitFor();
    await page.getByRole('button', { name: `Gates of task ${first}` }).press('Enter');
    await page.locator(`#gates-${first}`).getByText('The group shop runs 3 of 3 tasks.').waitFor();
    expect(await inspect(page, 'queue-gates')).toEqual([]);
  });

  it('the queue counts all and knows the oldest wait, although it reads the newest thousand only', async () => {
    await served.serve();
    for (let count = 0; count < 1_005; count += 1) await addTask(`Import ${count}`);
    addGroup('shop', { queued: 1_005, oldestQueuedAt: ago(7_200) });
    const page = await served.browser.open(`${served.url}/queue`);
    await page.getByText('1,005 tasks wait in 1 of 1 group.').waitFor();
    await page.locator('.figs').getByText('of the newest 1,000: 1,000 start next').waitFor();
    await page.locator('.figs div', { hasText: 'Oldest wait' }).getByText(/^2\sh/).waitFor();
    await page.getByRole('link', { name: 'All 1,005' }).waitFor();
    expect(await inspect(page, 'queue-long')).toEqual([]);
  });

  it('health shows failures of a day by fault, groups, nodes with leases and clocks, the API budget, and comparisons', async () => {
    await serveQueue();
    const { services } = served;
    const failed = { count: 4, lastAt: ago(240), lastTaskId: 2 };
    services.causes.causes = [
      { cause: 'build-failed', fault: 'user', ...failed, count: 9 },
      { cause: 'task-lost', fault: 'system', ...failed },
      { cause: 'image-pull', fault: 'configuration', ...failed, count: 1 },
    ];
    // In the future, so that no node falls silent while a busy machine gets here.
    const node = { version: '0.1.0', startedAt: ago(530_000), seenAt: ago(-600) };
    services.nodes = [
      { ...node, name: 'node-a', tasksHeld: 4, shortestLeaseSeconds: 21, clockOffsetMs: 2 },
      { ...node, name: 'node-b', tasksHeld: 0, shortestLeaseSeconds: null, clockOffsetMs: 1_800 },
    ];
    const quota = { cluster: 'builds', burst: 100, perSecond: 40, tokens: 48, waitedSeconds: 1.4 };
    services.quotas = [
      { ...quota, quota: 'cluster-resource-modify' },
      { ...quota, quota: 'cluster-resource-modify', cluster: 'spot' },
      { ...quota, quota: 'task-definition-modify', burst: 20, perSecond: 1, tokens: -2, waitedSeconds: 11 },
    ];
    services.wakes = { count: 1_000, medianSeconds: 0.0123, p99Seconds: 1.25 };
    services.checks = [
      { name: 'database', outcome: 'ok', message: 'It answers.', remedy: null, tookMs: 3 },
      { name: 'clocks', outcome: 'warning', message: 'The clock of node-b is ahead.', remedy: 'Set it.', tookMs: 3 },
    ];
    const lost = { task: 1, attempt: 1, arn: 'arn:aws:ecs:eu:1:task/builds/e01f77', cluster: 'builds' };
    services.reports = [
      reconcileReport({ adopted: { count: 7, containers: [] }, unowned: { count: 1, containers: [lost] } }),
    ];
    const page = await served.browser.open(`${served.url}/health`);
    await page.getByRole('link', { name: '1 thing to look at' }).waitFor();
    const figures = page.locator('.figs');
    await figures.getByText('12 ms').waitFor();
    await figures.getByText(/99 % within 1\.3\ss; the last 1,000 of node-a/).waitFor();
    const failures = page.getByRole('region', { name: 'Failures by fault' });
    await failures.getByRole('row', { name: /^Wip, or what it runs on task-lost 4/ }).waitFor();
    expect(await failures.locator('tbody tr').first().innerText()).toContain('task-lost');
    await failures.getByRole('link', { name: 'image-pull' }).waitFor();
    await page.getByRole('row', { name: /node-a answers you .* 4 21\ss \+2\sms Takes tasks/ }).waitFor();
    await page.getByRole('row', { name: /node-b .* 0 – \+1\.8\ss Clock is ahead/ }).waitFor();
    const budget = page.getByRole('region', { name: 'Calls left of each quota' });
    await budget
      .getByRole('row', { name: /task-definition-modify builds .*0 of 10 0\.5 a second 11\.0\ss Calls wait/ })
      .waitFor();
    await budget.getByRole('row', { name: /cluster-resource-modify builds, spot .*48 of 50 20 a second/ }).waitFor();
    await page.getByRole('row', { name: /^shop .* 3 of 3 2 \d+\sm\s\d\d\ss 11\.0\ss/ }).waitFor();
    await page.getByRole('row', { name: /^web .* soft for \d+\sm\s\d\d\ss, by mio/ }).waitFor();
    const found = page.locator('#reconciled');
    await found.getByRole('row', { name: /ours, owned by no attempt 1 stopped/ }).waitFor();
    expect(await inspect(page, 'health-fleet')).toEqual([]);
    services.reports = [reconcileReport({ node: 'node-b' })];
    await found.getByRole('button', { name: 'Compare now' }).click();
    await found.getByText('Asked of node-b').waitFor();
  });

  it('a viewer sees health without what is for operators, and nothing is refused', async () => {
    await served.serve('viewer');
    const page = await served.browser.open(`${served.url}/health`);
    await page.getByText('No task has failed in the last 24 hours.').waitFor();
    await page.getByRole('heading', { name: 'Nodes and leases' }).waitFor();
    await page.getByText('No living node has reported its start yet.').waitFor();
    expect(await page.getByRole('button', { name: 'Compare now' }).count()).toBe(0);
    expect(await page.getByRole('heading', { name: 'ECS API budget' }).count()).toBe(0);
  });

  it('a failure says whether its group has failed so before', async () => {
    await served.serve();
    const ended = { status: 'COMPLETE', phase: 'ended', exitStatus: 'ERROR_USER', cause: 'build-failed' } as const;
    const id = await addTask('Checkout', { ...ended, startedAt: ago(90), completedAt: ago(30) });
    const before = { cause: 'build-failed', count: 3, isMore: false, lastAt: ago(600), lastTaskId: 12 };
    served.services.causes.seen.set(id, before);
    const page = await served.browser.open(`${served.url}/tasks/${id}`);
    const facts = page.locator('.kv');
    await facts.getByRole('link', { name: '3 times' }).waitFor();
    expect(await facts.getByRole('link', { name: 'task 12' }).getAttribute('href')).toBe('/tasks/12');
  });

  it('long lines are wrapped when somebody wants it, and a link still finds its line', async () => {
    await served.serve();
    const id = await addTask('Checkout', { status: 'WAITING', phase: 'running', startedAt: ago(90) });
    const long = (line: number): string => `line ${line} ${'word '.repeat(80)}end of ${line}\n`;
    served.services.change(id, {}, { output: Array.from({ length: 300 }, (_, line) => long(line)).join('') });
    const page = await served.browser.open(`${served.url}/tasks/${id}#L150`);
    await page.locator('.ln.hit', { hasText: 'line 149' }).waitFor();
    const body = page.locator('.out-body');
    expect(await body.evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(true);
    await page.getByRole('button', { name: 'Wrap' }).click();
    await page.locator('.ln.hit', { hasText: 'end of 149' }).waitFor();
    expect(await body.evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(false);
    expect(await page.locator('.ln.hit').count()).toBeGreaterThan(2);
    expect(await page.getByLabel('Line 150', { exact: true }).count()).toBe(1);
    expect(await inspect(page, 'task-wrapped')).toEqual([]);
    await page.goto('about:blank');
  });
});
