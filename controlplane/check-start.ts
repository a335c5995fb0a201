import { OperationalError } from '../shared/model/error.ts';
import type { ControlPlaneConfig } from './config-fields.ts';
import { readHooks } from './hooks/hooks-file.ts';
import { readAdminTokens } from './keys/read-admin-tokens.ts';
import { examineMasterKeys } from './keys/read-master-keys.ts';
import { findUnknownVariables } from './known-variables.ts';
import { checkPort, checkPublicUrl } from './node/listen.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns everything for which a node with these settings would end at its start, before it opens anything. The node asks this first, and
 * "wipctl config check" asks the same, so that neither says anything else than the other. Changes nothing.
 */
export async function findStartProblems(
  config: ControlPlaneConfig,
  environment: Environment,
): Promise<readonly OperationalError[]> {
  const checks: (() => unknown)[] = [
    () => checkVariables(environment),
    () => checkAddress(config),
    () => checkReports(config),
    () => examineMasterKeys(config),
    () => readAdminTokens({ token: config.admin_token, file: config.admin_token_file }),
    () => readHooks(config),
  ];
  const problems: OperationalError[] = [];
  for (const check of checks) {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      problems.push(error);
    }
  }
  return problems;
}

/** Throws the only problem as it is, or one that names all. */
export async function checkStart(config: ControlPlaneConfig, environment: Environment): Promise<void> {
  const problems = await findStartProblems(config, environment);
  const [first, ...more] = problems;
  if (!first) return;
  if (more.length === 0) throw first;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `A node cannot start with these settings: ${problems.map(({ message }) => message.replace(/\.$/, '')).join('; ')}`,
    remedy: 'Correct what is named; "wipctl config check" lists it',
    cause: first,
  });
}

/** Fastify names loopback for it, which agents in containers of this machine reach. */
const EVERY_IPV4 = '0.0.0.0';

/** Without a public address agents report to the one that the node listens on. */
function checkReports(config: ControlPlaneConfig): void {
  const { public_url: url, host } = config;
  const listening = `http://${host === EVERY_IPV4 ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}`;
  const reportedTo = url ?? listening;
  if (URL.canParse(reportedTo)) checkPublicUrl(reportedTo, config);
}

function checkVariables(environment: Environment): void {
  const problems = findUnknownVariables(environment);
  if (problems.length === 0) return;
  throw new OperationalError('CONFIG_INVALID', {
    happened: problems.join('; '),
    remedy: 'Correct the name, or take the variable away',
  });
}

/** A port in use is no problem of the settings: the very node that is to be replaced may use it. */
async function checkAddress(config: ControlPlaneConfig): Promise<void> {
  try {
    await checkPort(config);
  } catch (error) {
    if (!(error instanceof OperationalError && error.code === 'PORT_IN_USE')) throw error;
  }
}
