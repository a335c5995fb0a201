import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { WITHOUT_BROWSER } from '../../kit/programs/browser.ts';
import { eventually } from '../../kit/eventually.ts';
import { useServedDashboard } from '../../kit/programs/served-dashboard.ts';

const MILLION = 1_000_000;
const NOTHING_KNOWN = {
  wallSeconds: null,
  cpuSeconds: null,
  memoryPeakBytes: null,
  diskWorkloadBytes: null,
  diskPeakBytes: null,
  outputBytes: null,
  outputOmittedBytes: null,
};
/** Pieces of a container hold this many lines at most: 256 KiB of lines of 40 bytes. */
const LINES_A_PIECE = 5_000;

describe.skipIf(WITHOUT_BROWSER !== undefined)(`the output of a task (${WITHOUT_BROWSER ?? 'in a browser'})`, () => {
  const served = useServedDashboard();
  const RUNNING = { status: 'WAITING', phase: 'running', startedAt: '2026-11-28T10:00:00Z' } as const;

  async function openTask(output: string, hash = ''): Promise<{ page: Page; id: number }> {
    await served.serve();
    const { id } = await served.services.addTask({ kind: 'BuildSteps', title: 'Talks', options: {}, createdBy: 'ana' });
    served.services.change(id, RUNNING, { output });
    return { id, page: await served.browser.open(`${served.url}/tasks/${id}${hash}`) };
  }
  const lines = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('');
  const isAtEnd = (page: Page): Promise<unknown> =>
    page.evaluate(
      '(() => { const box = document.querySelector(".out-body"); return box.scrollTop + box.clientHeight >= box.scrollHeight - 4; })()',
    );

  it('follows what comes, lets go when somebody scrolls up, and goes on when asked', async () => {
    const { page, id } = await openTask(lines(0, 500));
    await page.locator('.ln', { hasText: /line 499$/ }).waitFor();
    served.services.change(id, {}, { output: lines(500, 510) });
    await page.locator('.ln', { hasText: /line 509$/ }).waitFor();
    expect(await isAtEnd(page)).toBe(true);
    await page.locator('.out-body').evaluate((box) => void (box.scrollTop -= 2000));
    await page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
    served.services.change(id, {}, { output: lines(510, 524) });
    await page.getByRole('button', { name: '14 new lines' }).click();
    await page.locator('.ln', { hasText: /line 523$/ }).waitFor();
    expect(await isAtEnd(page)).toBe(true);
  });

  it('goes on after a restart, on the page as it is', async () => {
    const { page, id } = await openTask('first run\n');
    await page.locator('.ln', { hasText: 'first run' }).waitFor();
    const completedAt = served.services.clock.now().toISOString();
    served.services.change(id, { status: 'COMPLETE', phase: 'ended', exitStatus: 'ERROR_USER', completedAt });
    await page.evaluate('document.body.dataset.seen = "before"');
    await page.getByRole('button', { name: 'Restart', exact: true }).click();
    await page.locator('.verdict .st', { hasText: 'Queued' }).waitFor();
    served.services.change(id, RUNNING, { output: 'second run\n' });
    await page.locator('.ln', { hasText: 'second run' }).waitFor();
    expect(await page.locator('.ln', { hasText: 'first run' }).count()).toBe(1);
    expect(await page.evaluate('document.body.dataset.seen')).toBe('before');
  });

  it('says what the container used although its last words came after the end of the task', async () => {
    const { page, id } = await openTask('a line\n');
    const completedAt = served.services.clock.now().toISOString();
    served.services.change(id, { status: 'COMPLETE', phase: 'ended', exitStatus: 'ERROR_USER', completedAt });
    await page.locator('.verdict .st', { hasText: 'Failed' }).waitFor();
    const usage = { ...NOTHING_KNOWN, cpuSeconds: 3, diskPeakBytes: 54_000_000, memoryPeakBytes: 61_000_000 };
    served.services.change(id, { usage });
    await page.locator('.verdict').getByText('3.0 s of processor, 54.0 MB of disk, 61.0 MB of memory').waitFor();
  });

  it('shows the line that a link names', async () => {
    const { page } = await openTask(lines(0, 3_000), '#L1500-L1502');
    await page.locator('.ln.hit', { hasText: 'line 1499' }).waitFor();
    expect(await page.locator('.ln.hit').count()).toBe(3);
    await page.getByLabel('Line 1503', { exact: true }).click();
    await page.locator('.ln.hit', { hasText: 'line 1502' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#L1503');
  });

  /** Whether the marked line stands within the box of the output, and that within the window. */
  const isHitOnScreen = (page: Page): Promise<unknown> =>
    page.evaluate(`(() => {
      const hit = document.querySelector('.ln.hit')?.getBoundingClientRect();
      const box = document.querySelector('.out-body').getBoundingClientRect();
      return Boolean(hit) && hit.top >= box.top && hit.bottom <= box.bottom && hit.top >= 0 && hit.bottom <= innerHeight;
    })()`);
  const doneStep = (number: number, name: string, text: string): string =>
    `=== build: step ${number} of 2: ${name}\n${text}--- ${name}: done in 1 s, exit code 0\n`;

  it('shows a line of a folded step that a link names, when it is opened and when it is loaded again', async () => {
    await served.serve();
    const { services, browser, url } = served;
    const { id } = await services.addTask({ kind: 'BuildSteps', title: 'Large', options: {}, createdBy: 'ana' });
    services.change(id, RUNNING, { output: `${doneStep(1, 'first', lines(0, 400))}=== build: step 2 of 2: big\n` });
    for (let from = 0; from < 100_000; from += LINES_A_PIECE) {
      services.change(id, {}, { output: lines(from, from + LINES_A_PIECE) });
    }
    services.change(id, {}, { output: '--- big: done in 1 s, exit code 0\nthe end\n' });
    services.change(id, {
      status: 'COMPLETE',
      phase: 'ended',
      exitStatus: 'COMPLETED',
      completedAt: '2026-11-28T10:01:00Z',
    });
    const page = await browser.open(`${url}/tasks/${id}#L50000`);
    for (const look of ['opened', 'loaded again', 'at its last line'] as const) {
      if (look === 'loaded again') await page.reload();
      if (look === 'at its last line') {
        await page.goto('about:blank');
        await page.goto(`${url}/tasks/${id}#L100405`);
      }
      await page.locator('.out-end', { hasText: '100,405 lines' }).waitFor();
      await page.locator('.ln.hit', { hasText: look === 'at its last line' ? 'the end' : 'line 49596' }).waitFor();
      await eventually(`the line is on the screen, ${look}`, () => isHitOnScreen(page));
    }
  });

  it('stays where the reader went after a link has led to a line', async () => {
    const { page, id } = await openTask(lines(0, 3_000), '#L1500');
    await page.locator('.ln.hit').waitFor();
    await page.locator('.out-body').hover();
    await page.mouse.wheel(0, -60_000);
    await page.locator('.ln', { hasText: /line 0$/ }).waitFor();
    served.services.change(id, {}, { output: lines(3_000, 3_100) });
    await page.locator('.out-end', { hasText: '3,100 lines' }).waitFor();
    expect(await page.locator('.ln', { hasText: /line 0$/ }).count()).toBe(1);
  });

  it('is searched as a whole, whatever is folded', async () => {
    const step = (number: number, name: string, text: string): string =>
      `=== build: step ${number} of 2: ${name}\n${text}--- ${name}: done in 1 s, exit code 0\n`;
    const { page } = await openTask(step(1, 'install', 'the needle\n') + step(2, 'test', lines(0, 2_000)));
    await page.getByRole('button', { name: /Step 1 of 2 install/ }).waitFor();
    expect(await page.locator('.ln', { hasText: 'needle' }).count()).toBe(0);
    await page.keyboard.press('/');
    await page.keyboard.type('NEEDLE');
    await page.getByText('1 of 1', { exact: true }).waitFor();
    await page.locator('mark.cur', { hasText: 'needle' }).waitFor();
  });

  it('shows colours, and nothing of it is ever markup', async () => {
    const { page } = await openTask(
      '\u001b[31mred\u001b[0m <img src=x onerror="document.title=1"><script>document.title=2</script>\n',
    );
    await page.locator('.ln .a-r', { hasText: 'red' }).waitFor();
    await page.locator('.ln', { hasText: '<img src=x onerror=' }).waitFor();
    expect(await page.locator('.ln img, .ln script').count()).toBe(0);
  });

  it('says how much was not kept', async () => {
    await served.serve();
    const { id } = await served.services.addTask({ kind: 'BuildSteps', title: 'Talks', options: {}, createdBy: 'ana' });
    served.services.change(id, RUNNING, { output: 'last\n', omitted: 1_200_000 });
    const page = await served.browser.open(`${served.url}/tasks/${id}`);
    await page.locator('.ln.gap', { hasText: /1\.2\sMB of output were not kept here/ }).waitFor();
    await page.locator('.out-end', { hasText: /1\.2\sMB not kept/ }).waitFor();
  });

  it('is saved as a file, as a whole', async () => {
    const { page, id } = await openTask(lines(0, 3_000));
    await page.locator('.out-end', { hasText: '3,000 lines' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Raw' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`task-${id}.log`);
    expect(readFileSync(await download.path(), 'utf8')).toBe(lines(0, 3_000));
  });

  it('holds a million lines, of which any is a moment away', async () => {
    const { page, id } = await openTask(lines(0, LINES_A_PIECE));
    for (let from = LINES_A_PIECE; from < MILLION; from += LINES_A_PIECE) {
      served.services.change(id, {}, { output: lines(from, from + LINES_A_PIECE) });
    }
    await page.locator('.out-end', { hasText: '1,000,000 lines' }).waitFor();
    await page.locator('.ln', { hasText: /line 999999$/ }).waitFor();
    expect(await page.locator('.ln').count()).toBeLessThan(100);
    await page.evaluate('location.hash = "#L500000"');
    await page.locator('.ln.hit', { hasText: 'line 499999' }).waitFor();
    await page.locator('.out-body').evaluate((box) => void (box.scrollTop = 0));
    await page.locator('.ln', { hasText: /line 0$/ }).waitFor();
    await page.getByPlaceholder('Search the output').fill('line 777777');
    await page.getByText('1 of 1', { exact: true }).waitFor();
    await page.locator('mark.cur').waitFor();
  });
});
