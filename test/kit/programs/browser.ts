import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { lacking } from '../lacking.ts';

/** The first is the same engine without the windows around the page: it starts in half of the time. */
const CHROMIUM = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']
  .map((name) => `/usr/bin/${name}`)
  .find((path) => existsSync(path));
/** Why tests in a browser are skipped; undefined: they run. */
export const WITHOUT_BROWSER = lacking('chromium', CHROMIUM !== undefined, 'chromium-headless-shell fonts-dejavu-core');

/** Screenshots are artefacts of a run, to be looked at beside the design; git ignores dist/. */
const SCREENSHOTS = join(import.meta.dirname, '../../../dist/screenshots');
const WIDE = { width: 1440, height: 900 } as const;
const NARROW = { width: 375, height: 812 } as const;

interface Look {
  readonly size: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
}
/** Each size and each scheme once. `WIP_LOOKS=all` has all four, for pictures to look at, and takes twice the time. */
const LOOKS: readonly Look[] = [
  { size: WIDE, colorScheme: 'dark' },
  { size: NARROW, colorScheme: 'light' },
  ...(process.env['WIP_LOOKS'] === 'all'
    ? ([
        { size: WIDE, colorScheme: 'light' },
        { size: NARROW, colorScheme: 'dark' },
      ] as const)
    : []),
];
// What a person waits for takes a build at most; two busy cores need longer than idle ones.
const WAIT_MS = 120_000;

/** A browser as a person has it open, which keeps what its console complained of. */
export class TestBrowser {
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];
  readonly #complaints: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<TestBrowser> {
    if (CHROMIUM === undefined) throw new Error('there is no browser');
    // Containers of CI run as root, where Chromium has no sandbox; the pages are ours.
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    return new TestBrowser(await chromium.launch({ executablePath: CHROMIUM, args }));
  }

  /** Opens a page with cookies of its own. */
  async open(url: string): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: WIDE, baseURL: new URL(url).origin });
    this.#contexts.push(context);
    context.setDefaultTimeout(WAIT_MS);
    return this.#openIn(context, url);
  }

  /** Opens another tab, with the cookies of this one. */
  openBeside(page: Page, url: string): Promise<Page> {
    return this.#openIn(page.context(), url);
  }

  async #openIn(context: BrowserContext, url: string): Promise<Page> {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#complaints.push(message.text());
    });
    page.on('pageerror', (error) => void this.#complaints.push(String(error.stack ?? error)));
    await page.goto(url);
    return page;
  }

  /** Returns what the consoles of all pages have complained of, and forgets it. */
  takeComplaints(): string[] {
    return this.#complaints.splice(0);
  }

  async closePages(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

/** Takes a picture of the page in each look, and returns what makes it hard to use, by axe, in each. */
export async function inspect(page: Page, name: string): Promise<string[]> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const found: string[] = [];
  await page.evaluate('scrollTo(0, 0)');
  for (const { size, colorScheme } of LOOKS) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const look = `${name} at ${size.width} px, ${colorScheme}`;
    const path = join(SCREENSHOTS, `${name}-${size.width}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: true });
    found.push(...(await barriers(page)).map((one) => `${look}: ${one}`));
    const isSideways = await page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    );
    if (isSideways === true) found.push(`${look} scrolls sideways`);
  }
  await page.setViewportSize(WIDE);
  return found;
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

async function barriers(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the content policy does not hold back.
  await page.evaluate(axe.source);
  const result = (await page.evaluate('axe.run({ resultTypes: ["violations"] })')) as AxeResult;
  return result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
}
