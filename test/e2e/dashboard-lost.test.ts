import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createOperatorClient } from '../../controlplane/cli/client/operator-client.ts';
import { TestBrowser, WITHOUT_BROWSER } from '../kit/programs/browser.ts';
import { buildFile, makeRepository } from '../kit/builds/git-place.ts';
import { Workplace } from '../kit/programs/program.ts';
import { startWip } from '../testkit/start-wip.ts';
import type { StartedWip } from '../testkit/started-wip.ts';

describe.skipIf(WITHOUT_BROWSER !== undefined)(
  `a build in the dashboard that loses its node or its session (${WITHOUT_BROWSER ?? 'in a browser'})`,
  () => {
    let place: Workplace;
    let wip: StartedWip;
    let browser: TestBrowser;
    beforeAll(async () => {
      place = new Workplace();
      [wip, browser] = await Promise.all([startWip({ nodesRun: 'processes', agents: 'process' }), TestBrowser.start()]);
    });
    afterEach(() => browser.closePages());
    afterAll(async () => {
      await browser.close();
      await wip.close();
      await place.becomesQuiet();
      await place.remove();
    });

    /** Adds a build that writes a line, and another one after each of these files is there. */
    async function addBuild(name: string, ...files: string[]): Promise<number> {
      const waits = files.map((file) => `until [ -e ${place.path(file)} ]; do sleep 0.1; done; echo "after ${file}"`);
      const source = makeRepository(place.path(name), {
        'acquia-pipelines.yaml': buildFile('echo "it is ready"', ...waits),
      });
      const options = { sourceVcsUri: source, vcsPath: 'main' };
      return (await wip.client.addTask({ kind: 'BuildSteps', options })).id;
    }
    const proceed = (file: string): void => writeFileSync(place.path(file), '');

    async function openAs(token: string, path: string): Promise<Page> {
      const page = await browser.open(`${wip.url}${path}`);
      await page.getByLabel('Token', { exact: true }).fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      return page;
    }
    const line = (page: Page, text: string) => page.locator('.ln > span', { hasText: new RegExp(`^${text}$`) });

    it('says that the node is gone when it was killed, is live again when it is back, and has lost nothing', async () => {
      const id = await addBuild('lasting', 'killed', 'back');
      const page = await openAs(wip.token, `/tasks/${id}`);
      await line(page, 'it is ready').waitFor();
      await wip.kill();
      await page.getByText('The node does not answer; reconnecting…').waitFor();
      await page.getByRole('status').getByText('Reconnecting', { exact: true }).waitFor();
      expect(await page.getByRole('button', { name: 'Terminate…' }).isDisabled()).toBe(true);
      // The build goes on meanwhile, and nobody is there to take its output.
      proceed('killed');
      expect(await line(page, 'it is ready').count()).toBe(1);
      await wip.startNode();
      await line(page, 'after killed').waitFor();
      await page.getByText('The node does not answer').waitFor({ state: 'detached' });
      await page.getByRole('status').getByText('Live', { exact: true }).first().waitFor();
      proceed('back');
      await page.locator('.verdict .st').first().getByText('Succeeded', { exact: true }).waitFor();
      await page.locator('.out-end').getByText('Complete').waitFor();
      await page.getByRole('button', { name: /Step 1 of 1/ }).click();
      for (const text of ['it is ready', 'after killed', 'after back']) {
        await line(page, text).waitFor();
        expect(await line(page, text).count()).toBe(1);
      }
      expect((await wip.client.findTask(id)).attempts).toHaveLength(1);
      expect(browser.takeComplaints().filter((text) => !text.includes('ERR_'))).toEqual([]);
    });

    it('shows nothing more to somebody whose token was revoked, and asks for another one at the same address', async () => {
      const id = await addBuild('seen', 'revoked');
      const operator = createOperatorClient(wip);
      const vera = await operator.createToken({ name: 'vera', role: 'viewer' });
      const page = await openAs(vera.token, `/tasks/${id}`);
      const other = await openAs(wip.token, `/tasks/${id}`);
      await line(page, 'it is ready').waitFor();
      await operator.revokeToken(vera.id);
      await page.getByText('Your token was revoked, or your session is over.').waitFor();
      expect(new URL(page.url()).pathname).toBe(`/tasks/${id}`);
      proceed('revoked');
      await other.locator('.verdict .st').first().getByText('Succeeded', { exact: true }).waitFor();
      expect(await page.getByText('it is ready').count()).toBe(0);
      expect(await page.getByText('Succeeded').count()).toBe(0);
      expect(browser.takeComplaints().filter((text) => !text.includes('401'))).toEqual([]);
    });
  },
);
