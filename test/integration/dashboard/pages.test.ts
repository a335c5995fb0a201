import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DASHBOARD_PAGES } from '../../../controlplane/api/dashboard/suggest-page.ts';
import type { TaskViewFacts } from '../../../controlplane/api/tasks/task-views.ts';
import { inspect, WITHOUT_BROWSER } from '../../kit/programs/browser.ts';
import { CHECKOUT } from '../../kit/programs/program.ts';
import { useServedDashboard } from '../../kit/programs/served-dashboard.ts';

const APP = readFileSync(join(CHECKOUT, 'controlplane/dashboard/app/app.tsx'), 'utf8');
const LONG = 'aWordThatIsBrokenNowhere'.repeat(9);

/** Tasks in conditions that pages show differently, with words that are as long as people make them. */
const SOURCE = { repository: `/srv/${LONG}/${LONG}`, branch: LONG, ref: LONG, commit: LONG };
const STEP = {
  ...{ event: 'build', number: 1, of: 2, name: LONG, line: null, command: null, exitCode: null, offset: 1 },
  ...{ startedAt: '2026-11-28T10:01:00Z', endedAt: null, outcome: 'running' as const },
};
const TASKS: Readonly<Record<string, Partial<TaskViewFacts>>> = {
  queued: {
    source: SOURCE,
    waiting: {
      code: 'no-capacity',
      sentence: `Amazon ECS has no place for it in ${LONG}`,
      since: '2026-11-28T10:00:00Z',
      last: null,
      count: 3,
      until: null,
      remedy: 'Wait, or give the cluster more instances',
      evidence: [LONG],
    },
  },
  running: {
    ...{ status: 'WAITING', phase: 'running', state: LONG, startedAt: '2026-11-28T10:00:00Z' },
    ...{ source: SOURCE, steps: [STEP] },
  },
  failed: {
    source: SOURCE,
    steps: [{ ...STEP, endedAt: '2026-11-28T10:09:00Z', outcome: 'lost' }],
    status: 'COMPLETE',
    phase: 'ended',
    exitStatus: 'ERROR_USER',
    exitMessage: `The step ${LONG} failed`,
    cause: 'build-failed',
    fault: 'user',
    startedAt: '2026-11-28T10:00:00Z',
    completedAt: '2026-11-28T10:05:00Z',
    evidence: [LONG],
    failedStep: {
      event: 'build',
      number: 2,
      of: 3,
      name: LONG,
      line: 16,
      command: LONG,
      exitCode: 1,
      sentence: `The step ${LONG} failed`,
      offset: null,
    },
  },
};

describe('the pages of the dashboard', () => {
  it('are the same for the browser, which draws them, and for the node, which answers their addresses', () => {
    const drawn = [...APP.matchAll(/<Route path="([^"]+)"/g)].map(([, path]) => path);
    expect(drawn.toSorted()).toEqual(DASHBOARD_PAGES.toSorted());
  });
});

describe.skipIf(WITHOUT_BROWSER !== undefined)(`every page (${WITHOUT_BROWSER ?? 'in a browser'})`, () => {
  const served = useServedDashboard();

  /** Serves a task in each condition, and returns their ids. */
  async function serveTasks(): Promise<number[]> {
    await served.serve();
    const { services } = served;
    const ids: number[] = [];
    for (const [name, facts] of Object.entries(TASKS)) {
      const title = `${name} ${LONG}`;
      const { id } = await services.addTask({ kind: 'BuildSteps', title, options: {}, createdBy: LONG.slice(0, 60) });
      services.change(id, facts, { output: `${LONG}${LONG}\n`, step: 'executeBuildScript', log: LONG });
      ids.push(id);
    }
    return ids;
  }

  const CONDITIONS = Object.keys(TASKS);
  const shown = DASHBOARD_PAGES.flatMap((path) =>
    path.includes(':') ? CONDITIONS.map((condition) => ({ path, condition })) : [{ path, condition: 'all' }],
  );

  it.each(shown)('has no barrier and does not scroll sideways on a telephone: $path of $condition', async (one) => {
    const ids = await serveTasks();
    const id = ids[CONDITIONS.indexOf(one.condition)];
    const address = one.path.replace(':id', String(id));
    expect(address, 'a page shows a task, or all').not.toContain(':');
    const page = await served.browser.open(`${served.url}${address}`);
    await page.locator('main h1').first().waitFor();
    await page.locator('main').locator('.card, table, .row').first().waitFor();
    const name = `page${address.replaceAll('/', '-')}`;
    expect(await inspect(page, name)).toEqual([]);
  });

  it('keeps the words of Wip whole beside names that are as long as people make them', async () => {
    await serveTasks();
    served.services.groups.set('BuildSteps', {
      ...{ name: 'BuildSteps', running: 3, maxRunning: 3, queued: 1, retentionDays: 3, clusters: [], pause: null },
    });
    const page = await served.browser.open(`${served.url}/queue`);
    const priority = page.locator('.queue-tbl td[data-l="Priority"]').first();
    await page.setViewportSize({ width: 760, height: 800 });
    await priority.waitFor();
    const lines = await page.evaluate(`(() => {
      const text = document.createRange();
      text.selectNodeContents(document.querySelector('.queue-tbl td[data-l="Priority"]'));
      return text.getClientRects().length;
    })()`);
    expect(lines).toBe(1);
  });

  it('is called in its tab what it shows, not what another task was', async () => {
    const [queued = 0] = await serveTasks();
    const page = await served.browser.open(`${served.url}/tasks/${queued}`);
    await page.locator('main h1').first().waitFor();
    expect(await page.title()).toContain(`#${queued}`);
    await page.goto(`${served.url}/tasks/999`);
    await page.getByText('There is no task 999').waitFor();
    expect(await page.title()).toBe('There is no task 999 · Wip');
    expect(served.browser.takeComplaints().join()).toContain('404');
    await page.goto(`${served.url}/tasks/abc`);
    await page.getByText('abc is no number of a task').waitFor();
    expect(await page.title()).toBe('abc is no number of a task · Wip');
    await page.getByRole('button', { name: /^Account: / }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token', { exact: true }).waitFor();
    expect(await page.title()).toBe('Sign in · Wip');
  });

  it.each([
    ['/tasks', '/'],
    ['/tasks/', '/'],
    ['/login', '/'],
    ['/queue/', '/queue'],
    ['/health//', '/health'],
    ['/tasks/1/', '/tasks/1'],
  ])('at %s, as people type it, is that at %s', async (typed, meant) => {
    await serveTasks();
    const page = await served.browser.open(`${served.url}${typed}`);
    expect(new URL(page.url()).pathname).toBe(meant);
    await page.locator('main h1').first().waitFor();
  });

  it('that does not exist says so, with a way back', async () => {
    await served.serve();
    const page = await served.browser.open(`${served.url}/queue`);
    await page.evaluate('history.pushState(null, "", "/nowhere"); dispatchEvent(new PopStateEvent("popstate"))');
    await page.getByText('There is no such page').waitFor();
    expect(await page.title()).toBe('There is no such page · Wip');
    await page.goto(`${served.url}/nothing/here`);
    await page.getByText('There is no such page').waitFor();
    expect(served.browser.takeComplaints().join()).toContain('404');
    await page.getByRole('link', { name: 'All tasks' }).click();
    await page.getByRole('heading', { name: 'Tasks' }).waitFor();
  });
});
