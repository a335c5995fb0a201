import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { DefinitionDetailView } from '../../../controlplane/api/definitions/definition-views.ts';
import { inspect, WITHOUT_BROWSER } from '../../kit/programs/browser.ts';
import { useServedDashboard } from '../../kit/programs/served-dashboard.ts';

const TITLE = `clusters in the dashboard (${WITHOUT_BROWSER ?? 'in a browser'})`;

describe.skipIf(WITHOUT_BROWSER !== undefined)(TITLE, () => {
  const served = useServedDashboard();
  const ago = (seconds: number): string =>
    new Date(served.services.clock.now().getTime() - seconds * 1000).toISOString();

  async function openClusters(query = '', role: 'operator' | 'admin' = 'operator'): Promise<Page> {
    await served.serve(role);
    const { services } = served;
    const launch = { type: 'fargate', subnets: ['subnet-1'] };
    await services.saveCluster({ name: 'builds', region: 'eu-central-1', cluster: 'builds', launch });
    await services.useCluster('builds');
    services.clusterChecks = [
      { name: 'credentials', outcome: 'ok', message: 'They are of ana.', remedy: null },
      { name: 'ecs:RunTask', outcome: 'failed', message: 'RunTask is denied.', remedy: 'Allow it in the policy.' },
      { name: 'iam:PassRole', outcome: 'unchecked', message: 'No harmless call can tell.', remedy: null },
    ];
    const definition = (id: number, image: string): DefinitionDetailView => ({
      ...{
        id,
        family: 'wip_shop',
        revision: id,
        region: 'eu-central-1',
        cluster: 'builds',
        containers: 1,
        tasks: [7],
      },
      arn: `arn:aws:ecs:eu-central-1:1:task-definition/wip_shop:${id}`,
      state: id === 3 ? 'active' : 'retired',
      registeredAt: ago(9000 - id),
      usedAt: ago(60),
      definition: { family: 'wip_shop', containerDefinitions: [{ name: 'build', image, memory: 1024 * id }] },
    });
    services.definitions.rows.push(definition(3, 'build:47'), definition(2, 'build:44'), definition(1, 'build:44'));
    return served.browser.open(`${served.url}/clusters${query}`);
  }

  it('a cluster is checked on its page, which says what to do first', async () => {
    const page = await openClusters();
    await page.getByRole('button', { name: 'Check builds' }).click();
    const check = page.locator('#check');
    await check.getByText('1 thing to do, as node-a sees it').waitFor();
    await check.locator('li', { hasText: 'RunTask is denied.' }).getByText('Allow it in the policy.').waitFor();
    expect(await check.locator('li').first().innerText()).toContain('RunTask is denied.');
    expect(await inspect(page, 'clusters-check')).toEqual([]);
    await check.getByRole('button', { name: 'Close' }).click();
    await check.waitFor({ state: 'detached' });
  });

  it('a task definition shows in what it differs from the revision before, or from another that is chosen', async () => {
    const page = await openClusters();
    const diff = page.locator('#diff');
    await diff.getByText('2 values changed').waitFor();
    expect(await diff.locator('.diff').innerText()).toContain('containerDefinitions.0.image');
    await diff.locator('.del', { hasText: '"build:44"' }).waitFor();
    await diff.locator('.add', { hasText: '3072' }).waitFor();
    expect(await inspect(page, 'clusters-definitions')).toEqual([]);
    await diff.getByLabel('compared with').selectOption('revision 1');
    await diff.locator('.del', { hasText: '1024' }).waitFor();
    expect(new URL(page.url()).search).toBe('?definition=3&before=1');
    await page.getByRole('link', { name: 'wip_shop:1' }).click();
    await diff.getByText('It is the first revision that is known').waitFor();
    await diff.getByText('The whole definition').click();
    await diff.getByText('"memory": 1024').waitFor();
  });

  it('an administrator adds a cluster; what is refused is said at its field, and nothing typed is lost', async () => {
    const page = await openClusters('', 'admin');
    await page.getByRole('button', { name: 'Add a cluster…' }).click();
    const form = page.getByRole('form', { name: 'Add a cluster' });
    const field = (name: string): Locator => form.getByLabel(name, { exact: true });
    // The form has the focus, and the keyboard is enough.
    await page.keyboard.type('builds');
    await field('AWS region').fill('eu-central-1');
    await field('ECS cluster').fill('spot');
    await page.keyboard.press('Enter');
    await form.getByText('There is a cluster builds already').waitFor();
    await field('Name in Wip').fill('spot');
    await field('Launch on').selectOption('Capacity providers');
    await field('Capacity providers').fill('FARGATE_SPOT 4 0\nFARGATE one');
    await field('Sign calls with').selectOption('An access key');
    await field('Access key id').fill('AKIA1');
    await field('Secret access key').fill('top secret');
    await field('Role to assume').fill('arn:aws-cn:iam::123456789012:role/wip');
    await page.keyboard.press('Enter');
    await form.getByText('Entry 2, weight: must be a number.').waitFor();
    expect(await field('Capacity providers').getAttribute('aria-invalid')).toBe('true');
    await waitForFocus(page, field('Capacity providers'));
    expect(await inspect(page, 'clusters-form-refused')).toEqual([]);
    await field('Capacity providers').fill('FARGATE_SPOT 4 0\nFARGATE 1 1');
    await field('Subnets').fill('subnet-1 subnet-2');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('The role is of the partition aws-cn').waitFor();
    await field('Role to assume').fill('');
    expect(await field('Secret access key').inputValue()).toBe('top secret');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    await page.locator('tr', { hasText: 'key AKIA1, secret stored' }).waitFor();
    // Saved is not yet right: the check says what is missing.
    await page.getByRole('heading', { name: 'Check of spot' }).waitFor();
    expect(served.services.clusters.get('spot')).toMatchObject({
      launch: {
        type: 'capacity-providers',
        providers: [
          { name: 'FARGATE_SPOT', weight: 4, base: 0 },
          { name: 'FARGATE', weight: 1, base: 1 },
        ],
        subnets: ['subnet-1', 'subnet-2'],
      },
      roleArn: null,
      hasSecret: true,
    });
    expect(await page.content()).not.toContain('top secret');
    expectRefusals(served.browser.takeComplaints(), 2);
  });

  it('a cluster is changed without its secret, and the form is still there after a look at another page', async () => {
    const page = await openClusters('', 'admin');
    await served.services.saveCluster({
      ...{ name: 'keyed', region: 'eu-west-1', cluster: 'keyed', launch: { type: 'ec2' } },
      ...{ accessKeyId: 'AKIA2', secretAccessKey: 'top secret', endpoint: 'http://127.0.0.1:9' },
    });
    await page.getByRole('button', { name: 'Change… keyed' }).click();
    const form = page.getByRole('form', { name: 'Change keyed' });
    await form.getByText('One is stored. Leave this empty to keep it.').waitFor();
    expect(await form.getByLabel('Address of ECS').inputValue()).toBe('http://127.0.0.1:9');
    await form.getByLabel('Without room, try').fill('builds');
    await form.getByLabel('HTTP proxy').fill('http://a:b@proxy:1');
    await form.getByLabel('Secret access key').fill('mistyped');
    await page.getByRole('link', { name: 'Queue' }).click();
    await page.getByRole('heading', { name: 'Queue' }).waitFor();
    await page.goBack();
    expect(await form.getByLabel('Without room, try').inputValue()).toBe('builds');
    expect(await form.getByLabel('Secret access key').inputValue()).toBe('');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('one with a password belongs into https_proxy').waitFor();
    expect(await inspect(page, 'clusters-form-change')).toEqual([]);
    await form.getByLabel('HTTP proxy').fill('direct');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    await waitForFocus(page, page.getByRole('button', { name: 'Add a cluster…' }));
    expect(served.services.clusters.get('keyed')).toMatchObject({
      ...{ fallback: ['builds'], connection: { proxy: 'direct' }, hasSecret: true, accessKeyId: 'AKIA2' },
    });
    expectRefusals(served.browser.takeComplaints(), 1);
  });

  it('a change of somebody else in between is not undone, and a cluster is deleted after one question', async () => {
    const page = await openClusters('', 'admin');
    const old = { name: 'old', region: 'eu-west-1', cluster: 'old', launch: { type: 'ec2' } };
    await served.services.saveCluster(old);
    await page.getByRole('button', { name: 'Change… old' }).click();
    const form = page.getByRole('form', { name: 'Change old' });
    await form.getByLabel('AWS region').fill('eu-west-3');
    await served.services.saveCluster({ ...old, region: 'us-east-1' });
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Somebody else has saved or deleted the cluster "old" meanwhile').waitFor();
    expect(await form.getByLabel('AWS region').inputValue()).toBe('eu-west-3');
    expect(await inspect(page, 'clusters-form-changed')).toEqual([]);
    await form.getByRole('button', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete the cluster old?' });
    await dialog.getByText('In AWS it stays as it is.').waitFor();
    await dialog.getByRole('button', { name: 'Delete it' }).click();
    await form.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Check old' }).waitFor({ state: 'detached' });
    expect(served.services.clusters.has('old')).toBe(false);
    expectRefusals(served.browser.takeComplaints(), 1, 409);
  });

  it('an operator, who may not save clusters, finds no form', async () => {
    const page = await openClusters();
    await page.getByRole('button', { name: 'Check builds' }).waitFor();
    expect(await page.getByRole('button', { name: /Add a cluster|Change/ }).count()).toBe(0);
  });
});

async function waitForFocus(page: Page, control: Locator): Promise<void> {
  await control.and(page.locator(':focus')).waitFor();
}

/** A browser lists what a server refuses; nothing else may be among it. */
function expectRefusals(complaints: readonly string[], many: number, status = 422): void {
  const complaint: unknown = expect.stringContaining(`status of ${status}`);
  expect(complaints).toEqual(Array.from({ length: many }, () => complaint));
}
