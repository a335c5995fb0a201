import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { WITHOUT_BROWSER } from '../../kit/programs/browser.ts';
import { useServedDashboard } from '../../kit/programs/served-dashboard.ts';

const RUNNING = { status: 'WAITING', phase: 'running', startedAt: '2026-11-28T10:00:00Z' } as const;
const STEPS = ['install', 'test'].map((name, index) =>
  [
    `=== build: step ${index + 1} of 2: ${name}`,
    'a needle',
    'hay',
    `--- ${name}: failed after 1 s, exit code 1`,
    '',
  ].join('\n'),
);

describe.skipIf(WITHOUT_BROWSER !== undefined)(`the keys (${WITHOUT_BROWSER ?? 'in a browser'})`, () => {
  const served = useServedDashboard();

  async function openList(): Promise<Page> {
    await served.serve();
    for (const title of ['First', 'Second', 'Third']) {
      const { id } = await served.services.addTask({ kind: 'BuildSteps', title, options: {}, createdBy: 'ana' });
      served.services.change(id, RUNNING);
    }
    const page = await served.browser.open(`${served.url}/`);
    await page.locator('.row', { hasText: 'First' }).waitFor();
    return page;
  }

  async function openTask(): Promise<Page> {
    await served.serve();
    const { id } = await served.services.addTask({ kind: 'BuildSteps', title: 'Talks', options: {}, createdBy: 'ana' });
    served.services.change(id, RUNNING, { output: STEPS.join('') });
    const page = await served.browser.open(`${served.url}/tasks/${id}`);
    await page.locator('.ln', { hasText: 'needle' }).first().waitFor();
    return page;
  }

  const focused = (page: Page, hasText?: string) => page.locator(':focus', hasText === undefined ? {} : { hasText });
  const hit = (page: Page, line: number) => page.locator('.ln.hit').getByLabel(`Line ${line}`, { exact: true });

  /** What each key of a page does, in an order in which one can be pressed after the other. */
  type Checks = Readonly<Record<string, (page: Page) => Promise<unknown>>>;
  const EVERYWHERE: Checks = {
    async g(page) {
      await page.getByRole('dialog', { name: 'Go to a task' }).waitFor();
      await page.getByRole('dialog').getByLabel('Number').fill('#1');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${served.url}/tasks/1`);
    },
  };
  const OF_LIST: Checks = {
    j: (page) => focused(page, 'Third').waitFor(),
    async k(page) {
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await focused(page, 'First').waitFor();
      await page.keyboard.press('k');
      await focused(page, 'Second').waitFor();
    },
    x: (page) => page.getByText('1 selected').waitFor(),
    async '/'(page) {
      await page.keyboard.type('jkxg?');
      expect(await focused(page).inputValue()).toBe('jkxg?');
      await page.keyboard.press('Escape');
    },
    ...EVERYWHERE,
  };
  const OF_TASK: Checks = {
    async '/'(page) {
      await page.keyboard.type('needle');
      await page.getByText('1 of 2', { exact: true }).waitFor();
      await page.keyboard.press('Escape');
    },
    n: (page) => page.getByText('2 of 2', { exact: true }).waitFor(),
    N: (page) => page.getByText('1 of 2', { exact: true }).waitFor(),
    ']': (page) => hit(page, 5).waitFor(),
    '[': (page) => hit(page, 1).waitFor(),
    async f(page) {
      await page.getByRole('button', { name: 'Following', exact: true }).waitFor();
      await page.keyboard.press('f');
      await page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
    },
    async w(page) {
      await page.getByRole('button', { name: 'Wrap', pressed: true }).waitFor();
      await page.keyboard.press('w');
      await page.getByRole('button', { name: 'Wrap', pressed: false }).waitFor();
    },
    async y(page) {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.keyboard.press('y');
      await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(page.url());
    },
    ...EVERYWHERE,
  };

  it.each([
    ['the list', openList, OF_LIST],
    ['a task', openTask, OF_TASK],
  ])('of %s do what the list of keys says, and it names every one', async (_page, open, checks) => {
    const page = await open();
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    await dialog.waitFor();
    const named = await dialog.locator('kbd').allTextContents();
    expect(named.toSorted()).toEqual(['?', ...Object.keys(checks)].toSorted());
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    for (const [key, check] of Object.entries(checks)) {
      await page.keyboard.press(key);
      await check(page);
    }
  });

  it('are none but Esc and Enter for somebody who switched single letters off, on every visit', async () => {
    const page = await openList();
    await page.keyboard.press('?');
    await page.getByLabel('Single letters do something').uncheck();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.reload();
    await page.locator('.row', { hasText: 'First' }).waitFor();
    for (const key of ['?', 'g', 'j', '/']) await page.keyboard.press(key);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.locator('.row :focus').count()).toBe(0);
  });
});
