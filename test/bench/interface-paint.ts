import { WITHOUT_BROWSER, TestBrowser } from '../kit/programs/browser.ts';
import { withInterfaceNode } from './interface-node.ts';
import { judgeFigure, quantile, type Finding } from './measure.ts';

const LOADS = 7;
const MOST_MS = 1_000;

/** Measures from the click on a link to the list with its first task, in a browser that has none of the files yet. */
export async function benchPaint(): Promise<Finding[]> {
  if (WITHOUT_BROWSER !== undefined) {
    return [{ title: `first useful paint: not measured, ${WITHOUT_BROWSER}`, columns: [], rows: [] }];
  }
  return withInterfaceNode(({ url, token }) => measurePaint(url, token));
}

async function measurePaint(url: string, token: string): Promise<Finding[]> {
  const browser = await TestBrowser.start();
  try {
    const times: number[] = [];
    for (let load = 0; load <= LOADS; load += 1) {
      const page = await browser.open('about:blank');
      const session = await page.request.post(`${url}/v1/session`, { data: { token } });
      if (!session.ok()) throw new Error(`the session was answered ${session.status()}`);
      await page.addInitScript(MARK_FIRST_ROW);
      await page.goto(`${url}/`);
      // An attribute and no script: the pages' policy forbids what waitForFunction does.
      const drawn = page.locator('html[data-first-row-ms]');
      await drawn.waitFor({ state: 'attached' });
      times.push(Number(await drawn.getAttribute('data-first-row-ms')));
      await browser.closePages();
    }
    const [first = NaN, ...others] = times; // the node reads and compresses its files at the first
    return [
      judgeFigure({
        what: 'first useful paint of the dashboard, nothing cached: the slowest',
        value: Math.max(...others),
        unit: 'ms',
        beside: `; median ${quantile(others, 0.5).toFixed(0)} ms of ${others.length}; the first of the node ${first.toFixed(0)} ms`,
        atMost: MOST_MS,
      }),
    ];
  } finally {
    await browser.close();
  }
}

// Two frames after the row is there it has been drawn.
const MARK_FIRST_ROW = `new MutationObserver((_, observer) => {
  if (!document.querySelector('.row .t a')) return;
  observer.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { document.documentElement.dataset.firstRowMs = String(performance.now()); }));
}).observe(document, { childList: true, subtree: true });`;
