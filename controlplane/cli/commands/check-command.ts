import type { Command } from 'commander';
import { z } from 'zod';
import { ClusterCheckLine } from '../../api/clusters/cluster-views.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { readVersion } from '../../version.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import type { Connection } from '../client/find-connection.ts';
import { createOperatorClient, type OperatorClient } from '../client/operator-client.ts';
import { createWipClient, type WipClient } from '../client/wip-client.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { checkLines } from '../output/check-lines.ts';
import { oneLine, paintFor } from '../output/text.ts';
import { chooseServer, clientCommand, type ClientOptions } from './client-command.ts';

interface CheckOptions extends ClientOptions {}

/** A part of the installation, with what was found about it. */
const CheckedPart = z.object({ name: z.string(), checks: z.array(ClusterCheckLine) });
type CheckedPart = z.infer<typeof CheckedPart>;

/** What `--json` prints. */
export const InstallationCheck = z.object({ server: z.string(), parts: z.array(CheckedPart) });
type InstallationCheck = z.infer<typeof InstallationCheck>;

const CANARY_KIND = 'Canary';
/** Checks of the doctor that are left out, because the lines of each cluster contain the same and more. */
const ALSO_IN_CLUSTERS = ['ecs', 'permissions'];

export function checkCommand(context: CliContext): Command {
  return clientCommand(
    'check',
    'Check a whole installation: whether it answers here, what its node depends on (database, clock, public address), each ' +
      'cluster (credentials, permissions, room, network, image), and whether a container has been reached. Nothing is ' +
      'changed or started. Exits with 1 when a check fails; warnings, and what no harmless call can tell, exit with 0.',
    [
      'check',
      `check --json | jq -r '.parts[].checks[] | select(.outcome == "failed") | .remedy'`,
      'canary --watch    # launches a container, which check does not',
    ],
  ).action(async (options: CheckOptions) => {
    const check = await checkInstallation(chooseServer(options, context));
    if (options.json) writeJson(context, check);
    else writeText(check, context);
    const hasFailed = check.parts.some(({ checks }) => checks.some(({ outcome }) => outcome === 'failed'));
    if (hasFailed) context.setExitCode(EXIT_CODE.CHECK_FAILED);
  });
}

async function checkInstallation(connection: Connection): Promise<InstallationCheck> {
  const operator = createOperatorClient(connection);
  const client = createWipClient(connection);
  const parts = [await checkServer(client), await checkNode(operator), ...(await checkClusters(operator))];
  return { server: client.url, parts: [...parts, await checkContainers(client)] };
}

/** Throws when the server does not answer or refuses the token: nothing else could be checked. */
async function checkServer(client: WipClient): Promise<CheckedPart> {
  const { version } = await client.ping();
  const own = readVersion();
  const isSame = version === own;
  return {
    name: `From here to ${client.url}`,
    checks: [
      {
        name: 'server',
        outcome: isSame ? 'ok' : 'warning',
        message: `It answers with version ${version}, and this is wipctl ${own}.`,
        remedy: isSame ? null : 'Use the wipctl of the same version.',
      },
      ...(client.url.startsWith('https:') || isLoopback(client.url) ? [] : [plainHttp(client.url)]),
    ],
  };
}

function isLoopback(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}

function plainHttp(url: string): ClusterCheckLine {
  return {
    name: 'TLS',
    outcome: 'warning',
    message: `Tokens travel to ${url} as plain text.`,
    remedy: 'Put a proxy with TLS in front, and call that (controlplane/README.md).',
  };
}

async function checkNode(operator: OperatorClient): Promise<CheckedPart> {
  const { node, version, checks } = await operator.examine();
  const shown = checks.filter(({ name }) => !ALSO_IN_CLUSTERS.includes(name));
  return {
    name: `Node ${node}, version ${version}`,
    checks: shown.map(({ name, outcome, message, remedy }) => ({ name, outcome, message, remedy })),
  };
}

async function checkClusters(operator: OperatorClient): Promise<CheckedPart[]> {
  const clusters = await operator.listClusters();
  const parts: CheckedPart[] = [];
  if (!clusters.some(({ isActive }) => isActive)) {
    const remedy = 'Save one with "wipctl clusters save default", or choose one with "wipctl clusters use".';
    const line = { name: 'active cluster', outcome: 'failed', message: 'No cluster is active.', remedy } as const;
    parts.push({ name: 'Clusters', checks: [line] });
  }
  // One after the other: they share the quotas of an account.
  for (const { name, isActive } of clusters) {
    const { checks } = await operator.examineCluster(name);
    parts.push({ name: `Cluster ${name}${isActive ? ' (active)' : ''}`, checks: [...checks] });
  }
  return parts;
}

/** Reports the last canary, because only a container can show whether it reaches the control plane and is reached by it. */
async function checkContainers(client: WipClient): Promise<CheckedPart> {
  const { tasks } = await client.listTasks({ group: CANARY_KIND, status: 'COMPLETE', limit: '1' });
  return { name: 'Containers', checks: [canaryLine(tasks[0])] };
}

function canaryLine(canary: TaskSummary | undefined): ClusterCheckLine {
  const name = 'network';
  if (canary === undefined) {
    return {
      name,
      outcome: 'unchecked',
      message:
        'No container has been launched to see whether it reaches the control plane, and is reached at its SSH port.',
      remedy: 'Say "wipctl canary --watch".',
    };
  }
  const message = `The last canary, task ${canary.id}, ended at ${canary.completedAt ?? canary.createdAt}: ${canary.why}`;
  if (canary.exitStatus === 'COMPLETED') return { name, outcome: 'ok', message, remedy: null };
  // Somebody terminated the canary, so it proves nothing.
  if (canary.exitStatus === 'TERMINATED') {
    return { name, outcome: 'unchecked', message, remedy: 'Say "wipctl canary --watch".' };
  }
  return {
    name,
    outcome: 'failed',
    message,
    remedy: `Say "wipctl show ${canary.id}", and after a correction "wipctl canary --watch".`,
  };
}

function writeText({ parts }: InstallationCheck, context: CliContext): void {
  const paint = paintFor(context.out, context.environment);
  const lines = checkLines(
    parts.flatMap(({ checks }) => checks),
    paint,
  );
  for (const { name, checks } of parts) {
    context.out.write(`${paint('bold', oneLine(name))}\n${lines.splice(0, checks.length).join('')}`);
  }
  const failed = parts.flatMap(({ checks }) => checks).filter(({ outcome }) => outcome === 'failed').length;
  context.out.write(
    failed === 0 ? 'Nothing has failed.\n' : `${failed} ${failed === 1 ? 'check' : 'checks'} failed.\n`,
  );
}
