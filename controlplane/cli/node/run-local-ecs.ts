import { resolve } from 'node:path';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import type { LogLevel } from '../../../shared/system/logger.ts';
import { parseFaultList } from '../../localecs/faults/fault-list.ts';
import type { ContainerFault, EcsFault, FaultSchedule } from '../../localecs/faults/faults.ts';
import { startLocalEcs, type LocalEcs } from '../../localecs/start-local-ecs.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { readGivenFile } from '../table/table-source.ts';
import { createLauncher } from './agent-launcher.ts';
import type { LauncherKind } from './launcher-kind.ts';
import { createNodeLog } from './node-log.ts';
import { runUntilStopped } from './run-until-stopped.ts';

export interface LocalEcsCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly dir: string;
  readonly launcher: LauncherKind;
  readonly dockerNetwork?: string;
  readonly region: string;
  readonly cluster: readonly string[];
  readonly instances: number;
  readonly cpu: number;
  readonly memory: number;
  readonly seed?: number;
  readonly faultSchedule?: string;
  readonly entrypoint?: string;
  readonly logLevel: LogLevel;
  readonly json?: boolean;
}

/** Runs a local ECS until a signal ends it. */
export async function runLocalEcs(options: LocalEcsCommandOptions): Promise<void> {
  const faults = options.faultSchedule === undefined ? [] : readFaults(options.faultSchedule, options.seed);
  const log = createNodeLog(options.logLevel);
  await runUntilStopped(async () => {
    const launcher = await createLauncher({
      kind: options.launcher,
      dockerNetwork: options.dockerNetwork,
      environment: process.env,
      clock: systemClock,
      log,
      ...(options.entrypoint !== undefined && { entrypoint: ['/bin/sh', '-c', options.entrypoint] }),
    });
    const directory = resolve(options.dir);
    const started = await startLocalEcs({
      directory,
      host: options.host,
      port: options.port,
      launcher,
      instances: options.instances,
      resources: { cpu: options.cpu, memory: options.memory },
      clusters: options.cluster,
      region: options.region,
      ...(options.seed !== undefined && { seed: options.seed }),
      clock: systemClock,
      log,
    });
    started.faults.add(faults);
    process.stdout.write(options.json ? jsonOf(started, options) : textOf(started, options));
    return started;
  }, log);
  process.exitCode = EXIT_CODE.OK;
}

/** Reads the faults before anything is started. The seed of the command line replaces those of schedules. */
function readFaults(file: string, seed: number | undefined): readonly (EcsFault | FaultSchedule)[] {
  const text = readGivenFile(file);
  try {
    return parseFaultList(JSON.parse(text)).map((listed) => {
      if (listed.is === 'of-a-container') throw notYet(file, listed.fault);
      const { fault } = listed;
      return fault.kind === 'schedule' && seed !== undefined ? { ...fault, seed } : fault;
    });
  } catch (cause) {
    if (cause instanceof OperationalError) throw cause;
    throw new OperationalError('USAGE', {
      happened: `${file} is not a list of faults: ${messageOf(cause).replace(/\.$/, '')}`,
      remedy:
        'Write a JSON list such as [{"kind":"throttle","action":"RunTask","times":3}]; see controlplane/localecs/README.md',
      cause,
    });
  }
}

function notYet(file: string, { kind }: ContainerFault): OperationalError {
  return new OperationalError('USAGE', {
    happened: `${file} has the fault ${kind}, which happens at once to what runs, and nothing runs yet`,
    remedy: 'Send it to /_faults while local ECS runs',
  });
}

function jsonOf({ endpoint, accessKey }: LocalEcs, { region, cluster, dir }: LocalEcsCommandOptions): string {
  const { accessKeyId, secretAccessKey } = accessKey;
  const started = { endpoint, region, clusters: cluster, accessKeyId, secretAccessKey: secretAccessKey.reveal() };
  return `${JSON.stringify({ ...started, directory: resolve(dir), pid: process.pid })}\n`;
}

function textOf({ endpoint, accessKey }: LocalEcs, { region, cluster, dir }: LocalEcsCommandOptions): string {
  const [first = 'default'] = cluster;
  return `Local ECS listens at ${endpoint}, its data is in ${resolve(dir)}.
Requests must be signed with its key. In another shell:
  export AWS_ACCESS_KEY_ID=${accessKey.accessKeyId}
  export AWS_SECRET_ACCESS_KEY=${accessKey.secretAccessKey.reveal()}
  aws --endpoint-url ${endpoint} --region ${region} ecs list-tasks --cluster ${first}
As a cluster of a running control plane:
  printenv AWS_SECRET_ACCESS_KEY | wipctl clusters save local --region ${region} --cluster ${first} --endpoint ${endpoint} --access-key-id "$AWS_ACCESS_KEY_ID" --secret-file -
Ctrl-C ends it.
`;
}
