import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Development } from '../../controlplane/cli/node/start-development.ts';
import { createWipClient, type WipClient } from '../../controlplane/cli/client/wip-client.ts';
import { inspect, TestBrowser, WITHOUT_BROWSER } from '../kit/programs/browser.ts';
import { makeBareRepository, makeRepository, makeSample } from '../kit/builds/git-place.ts';
import { Workplace } from '../kit/programs/program.ts';
import { startSystem } from '../kit/builds/watched-build.ts';

const WAITING_BUILD = `version: 1.3.0
events:
  build:
    steps:
      - first:
          script:
            - echo "it is ready"
      - wait:
          script:
            - until [ -e go ]; do sleep 0.2; done
`;

describe.skipIf(WITHOUT_BROWSER !== undefined)(
  `a build in the dashboard (${WITHOUT_BROWSER ?? 'in a browser'})`,
  () => {
    let place: Workplace;
    let system: Development;
    let client: WipClient;
    let browser: TestBrowser;
    beforeAll(async () => {
      place = new Workplace();
      system = await startSystem(place);
      client = createWipClient({ url: system.url, token: system.token.reveal() });
      browser = await TestBrowser.start();
    });
    afterEach(async () => {
      await browser.closePages();
      expect(browser.takeComplaints()).toEqual([]);
    });
    afterAll(async () => {
      await browser.close();
      await system.close();
      await place.becomesQuiet();
      await place.remove();
    });

    async function addBuild(source: string, artefact: string): Promise<number> {
      const deployVcsUri = makeBareRepository(place.path(`${artefact}.git`));
      const options = { sourceVcsUri: source, vcsPath: 'main', deployVcsUri };
      return (await client.addTask({ kind: 'BuildSteps', options })).id;
    }
    const addWaiting = (name: string): Promise<number> =>
      addBuild(makeRepository(place.path(name), { 'acquia-pipelines.yaml': WAITING_BUILD }), `${name}-artefact`);
    const statusOf = (page: Page, word: string): Promise<void> =>
      page.locator('.verdict .st').first().getByText(word, { exact: true }).waitFor();

    it('appears in the list by itself, is watched, and ends well', async () => {
      const page = await browser.open(`${system.url}/`);
      await page.getByRole('heading', { name: 'No build yet' }).waitFor();
      const id = await addBuild(makeSample(place.path('sample')), 'sample-artefact');
      await page.locator(`.row[data-task="${id}"] a`).click();
      await page.getByRole('button', { name: /Step 2 of 4 test/ }).waitFor();
      await statusOf(page, 'Succeeded');
      await page.getByText('The build succeeded', { exact: false }).first().waitFor();
      await page.locator('.out-end').getByText('Complete').waitFor();
      expect(await page.title()).toMatch(/^Succeeded: /);
      expect(await inspect(page, 'task-succeeded')).toEqual([]);
      await page.getByRole('button', { name: 'Show all states' }).click();
      const states = page.getByRole('region', { name: /^All states/ });
      await states.getByRole('button', { name: 'containerWipStart, entered 1 times' }).click();
      await page
        .locator('.graph-note', { hasText: /^containerWipStart \(start\): .* → containerWipInvoke, taken 1×/ })
        .waitFor();
      expect(await states.locator('.g-off').count()).toBeGreaterThan(3);
      expect(await inspect(page, 'task-all-states')).toEqual([]);
    });

    it('shows the line that made it fail before anything else, and where it stands in the output', async () => {
      const id = await addBuild(makeSample(place.path('failing'), 'fail'), 'failing-artefact');
      const page = await browser.open(`${system.url}/tasks/${id}`);
      await statusOf(page, 'Failed');
      const failing = page.locator('#failing');
      await failing.getByText('not ok 2 - every page has a title').first().waitFor();
      await failing.getByText(/Step 2 of 3: test, line 16 of the build file/).waitFor();
      expect(await failing.evaluate((box) => box.getBoundingClientRect().top)).toBeLessThan(900);
      await failing.getByRole('link', { name: 'Open in the output' }).click();
      await page.locator('.ln.hit', { hasText: 'failed after' }).waitFor();
      expect(await inspect(page, 'task-failed')).toEqual([]);
      await page.goto(`${system.url}/health`);
      await page.getByText('build-failed').waitFor();
      await page.getByText(/^\d+ checks? (is|are) well$/).waitFor();
      expect(await inspect(page, 'health')).toEqual([]);
      await page.getByRole('link', { name: 'Clusters' }).click();
      await page.getByText('New containers go to').waitFor();
      expect(await inspect(page, 'clusters')).toEqual([]);
    });

    it('leads to the next task once there is one, and never to a task that does not exist', async () => {
      const { id: before } = await client.addTask({ kind: 'Canary', options: {} });
      const { id: newest } = await client.addTask({ kind: 'Canary', options: {} });
      const page = await browser.open(`${system.url}/tasks/${before}`);
      await page.getByRole('link', { name: `${newest} ›` }).click();
      await page.getByRole('link', { name: `‹ ${before}` }).waitFor();
      await statusOf(page, 'Succeeded');
      expect(await page.getByRole('link', { name: `${newest + 1} ›` }).count()).toBe(0);
    });

    it('says which limit was exceeded, by how much, and what the container used', async () => {
      const sourceVcsUri = makeSample(place.path('full'), 'disk');
      const options = { sourceVcsUri, vcsPath: 'main', containerMaxDisk: 0.05 };
      const { id } = await client.addTask({ kind: 'BuildSteps', options });
      const page = await browser.open(`${system.url}/tasks/${id}`);
      await statusOf(page, 'Failed');
      const verdict = page.locator('.verdict');
      await verdict.getByText(/The disk limit was exceeded: the build used 0\.\d+ GB of 0\.05 GB/).waitFor();
      await verdict.getByText('limit-disk', { exact: true }).waitFor();
      await verdict
        .getByText(/of processor, .*[1-9][\d.]*\s[MG]B of disk, [1-9][\d.]*\s[MG]B of memory at peak/)
        .waitFor();
      await page.locator('#res').getByText(/^Disk/).first().waitFor();
      expect(await page.title()).toMatch(/^Failed: /);
      expect(await inspect(page, 'task-limit')).toEqual([]);
    });

    it('is paused and resumed, makes those of its target wait, and is terminated after one question', async () => {
      const id = await addWaiting('waiting');
      const page = await browser.open(`${system.url}/tasks/${id}`);
      await page
        .locator('.ln', { hasText: /^\d+it is ready$/ })
        .or(page.getByRole('button', { name: /Step 2 of 2 wait/ }))
        .first()
        .waitFor();
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await statusOf(page, 'Paused');
      await page.getByRole('button', { name: 'Resume', exact: true }).click();
      await statusOf(page, 'Running');
      expect(await inspect(page, 'task-running')).toEqual([]);

      const { options } = await client.findTask(id);
      const { vcsPath, sourceVcsUri, deployVcsUri } = options;
      const next = await client.addTask({ kind: 'BuildSteps', options: { vcsPath, sourceVcsUri, deployVcsUri } });
      const other = await browser.open(`${system.url}/tasks/${next.id}`);
      await other.getByRole('heading', { name: 'What has to happen' }).waitFor();
      await other
        .locator('#needs')
        .getByRole('link', { name: `task ${id}` })
        .waitFor();
      expect(await inspect(other, 'task-queued')).toEqual([]);
      const held = other.locator('#needs li', { hasText: `task ${id}` });
      await held.getByText('Closed', { exact: true }).waitFor({ state: 'attached' });
      await held.getByRole('link', { name: `task ${id}` }).click();
      await other.waitForURL(`${system.url}/tasks/${id}`);
      await statusOf(other, 'Running');
      await other.goto(`${system.url}/queue`);
      await other.getByRole('row', { name: new RegExp(`${next.id} Build of main`) }).waitFor();
      expect(await inspect(other, 'queue')).toEqual([]);

      await page.getByRole('button', { name: 'Terminate…' }).click();
      const dialog = page.getByRole('dialog', { name: `Terminate task ${id}?` });
      await dialog.getByRole('button', { name: 'Terminate' }).click();
      await statusOf(page, 'Terminated');
      await client.act(next.id, 'terminate');
      await other.goto(`${system.url}/tasks/${next.id}`);
      await statusOf(other, 'Terminated');
    });
  },
);
