import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type Docker from 'dockerode';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import { LATE, withinTime } from '../../../shared/time/within-time.ts';
import type { Adoption, ContainerEnd, LaunchedContainer, Launcher, LaunchOrder } from '../launcher.ts';
import {
  containerLabels,
  containerName,
  DIRECTORY_LABEL,
  planContainer,
  TASK_ARN_LABEL,
  withTag,
  type ContainerPlan,
} from './container-options.ts';
import { followHealth } from './container-health.ts';
import { copyRestOfOutput, copyRunningOutput, type OutputCopy } from './container-output.ts';
import { addressIn, bindingsIn } from './container-ports.ts';
import { engineSentence, engineStatusOf, unlessMissing, unlessOver } from './engine-error.ts';
import { pullImage } from './pull-image.ts';
import { readRecordedEnd, recordEnd } from './recorded-end.ts';
import { whyNotInDocker } from './why-not-in-docker.ts';

interface DockerLauncherOptions {
  readonly docker: Docker;
  /** A network of the engine that containers join in place of its default one; their ports are then not published. */
  readonly network: string | null;
  readonly clock: Clock;
  readonly log: Logger;
}

type Inspected = Docker.ContainerInspectInfo;

/** Between two attempts to reach an engine that has not answered. */
const RECONNECT_MS = 1_000;
/** dockerd starts again within seconds; for an engine that stays away no container is waited for. */
const LOST_MS = 120_000;
/** The end of an output that was copied all along comes at once. */
const OUTPUT_END_MS = 5_000;
/** The engine reads the whole log again for the rest: gigabytes, at worst. */
const OUTPUT_REST_MS = 120_000;

/** The reason that ECS shows for a container that the kernel killed, whatever its exit code. */
const OUT_OF_MEMORY = 'OutOfMemoryError: Container killed due to memory usage';

/**
 * Runs the images of task definitions with a container engine that speaks Docker's API. A container that has ended is
 * removed; its exit code and its output stay in its directory.
 */
export function createDockerLauncher(options: DockerLauncherOptions): Launcher {
  return new DockerLauncher(options);
}

class DockerLauncher implements Launcher {
  readonly #docker: Docker;
  readonly #network: string | null;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor({ docker, network, clock, log }: DockerLauncherOptions) {
    this.#docker = docker;
    this.#network = network;
    this.#clock = clock;
    this.#log = log;
  }

  whyRefused = whyNotInDocker;

  async prepare({ definition }: LaunchOrder, signal: AbortSignal): Promise<void> {
    const image = definition?.containerDefinitions[0]?.image;
    if (image !== undefined) await pullImage(this.#docker, withTag(image), signal);
  }

  async start(order: LaunchOrder): Promise<LaunchedContainer> {
    const plan = planContainer(order, this.#network);
    await mkdir(order.directory, { recursive: true, mode: 0o755 });
    const container = await this.#create(order, plan);
    try {
      await container.start();
    } catch (error) {
      await this.#remove(order);
      throw new Error(`CannotStartContainerError: ${engineSentence(error)}`, { cause: error });
    }
    return this.#launched(order, await container.inspect());
  }

  async adopt(order: LaunchOrder): Promise<Adoption> {
    const found = await this.#find(order);
    if (!found) {
      const recorded = await readRecordedEnd(order);
      return recorded ? { kind: 'ended', ...recorded } : { kind: 'never-started' };
    }
    if (found.State.Status === 'created') {
      await this.#remove(order);
      return { kind: 'never-started' };
    }
    if (found.State.Running) return { kind: 'running', launched: this.#launched(order, found) };
    return { kind: 'ended', ...(await this.#conclude(order, endOf(found), this.#outputOf(order, found.Id))) };
  }

  async discard(order: LaunchOrder): Promise<void> {
    await this.#remove(order);
    await rm(order.directory, { recursive: true, force: true });
  }

  async #create(order: LaunchOrder, { options, volumes }: ContainerPlan): Promise<Docker.Container> {
    try {
      for (const name of volumes) await this.#docker.createVolume({ Name: name, Labels: containerLabels(order) });
      return await this.#docker.createContainer(options);
    } catch (error) {
      await this.#removeVolumes(order);
      throw new Error(`CannotCreateContainerError: ${engineSentence(error)}`, { cause: error });
    }
  }

  #launched(order: LaunchOrder, started: Inspected): LaunchedContainer {
    const container = this.#docker.getContainer(started.Id);
    const output = this.#outputOf(order, started.Id);
    const over = new AbortController();
    const followed = this.#unlessItFails(order, copyRunningOutput(output, over.signal));
    const gone = new AbortController();
    const health = followHealth(container, order, { clock: this.#clock, signal: gone.signal });
    const ended = this.#untilEnded(started.Id).then(async (end) => {
      gone.abort();
      await this.#endCopy(followed, over, OUTPUT_END_MS);
      return this.#conclude(order, end, output);
    });
    const send = (signal: string): void => {
      unlessOver(container.kill({ signal })).catch((error: unknown) =>
        this.#log.warn({ err: error, task: order.arn, signal }, 'a signal did not reach its container'),
      );
    };
    const [address, ports] = [addressIn(started), bindingsIn(started, order, this.#network)];
    return {
      ended,
      terminate: () => send(stopSignalOf(started)),
      kill: () => send('SIGKILL'),
      ports: () => ports,
      address: () => address,
      health,
    };
  }

  /** Waits for the end of a container, through restarts of the engine. */
  async #untilEnded(id: string): Promise<ContainerEnd> {
    const container = this.#docker.getContainer(id);
    let answeredMs = this.#clock.monotonicMs();
    for (;;) {
      try {
        await container.wait();
        return endOf(await container.inspect());
      } catch (error) {
        if (engineStatusOf(error) === 404)
          return { exitCode: null, reason: 'CannotInspectContainerError: it was removed' };
        const nowMs = this.#clock.monotonicMs();
        if (await this.#answers()) answeredMs = nowMs;
        else if (nowMs - answeredMs > LOST_MS) {
          return { exitCode: null, reason: `CannotInspectContainerError: ${engineSentence(error)}` };
        }
        await this.#clock.sleep(RECONNECT_MS);
      }
    }
  }

  async #answers(): Promise<boolean> {
    try {
      await this.#docker.ping();
      return true;
    } catch {
      // Why it does not answer is in the error that led here.
      return false;
    }
  }

  /** Keeps the end and the output of a container, and removes it. */
  async #conclude(order: LaunchOrder, end: ContainerEnd, output: OutputCopy): Promise<ContainerEnd> {
    const over = new AbortController();
    await this.#endCopy(this.#unlessItFails(order, copyRestOfOutput(output, over.signal)), over, OUTPUT_REST_MS);
    try {
      await recordEnd(order, end);
      await this.#remove(order);
    } catch (error) {
      // The end is told all the same; what is left is removed when the task is forgotten.
      this.#log.warn({ err: error, task: order.arn }, 'a container that has ended could not be removed');
    }
    return end;
  }

  /** Waits for a copy, and stops one that takes too long: the end of a container is told, whatever its engine does. */
  async #endCopy(copied: Promise<void>, over: AbortController, limitMs: number): Promise<void> {
    if ((await withinTime(copied, { clock: this.#clock, limitMs })) !== LATE) return;
    over.abort();
    // What it has read is written now.
    await withinTime(copied, { clock: this.#clock, limitMs: OUTPUT_END_MS });
  }

  #outputOf({ directory }: LaunchOrder, id: string): OutputCopy {
    return { docker: this.#docker, id, file: path.join(directory, 'container.log') };
  }

  async #unlessItFails(order: LaunchOrder, copied: Promise<void>): Promise<void> {
    try {
      await copied;
    } catch (error) {
      this.#log.warn({ err: error, task: order.arn }, 'the output of a container could not be copied');
    }
  }

  /** Returns the order's own container; one of the same name that somebody else made is none. */
  async #find(order: LaunchOrder): Promise<Inspected | null> {
    const found = await unlessMissing(this.#docker.getContainer(containerName(order)).inspect());
    const labels = found?.Config.Labels ?? {};
    const isOwn = labels[TASK_ARN_LABEL] === order.arn && labels[DIRECTORY_LABEL] === order.directory;
    return isOwn ? found : null;
  }

  async #remove(order: LaunchOrder): Promise<void> {
    const found = await this.#find(order);
    // `v` removes the unnamed volumes that the image asks for.
    if (found) await unlessOver(this.#docker.getContainer(found.Id).remove({ force: true, v: true }));
    await this.#removeVolumes(order);
  }

  async #removeVolumes(order: LaunchOrder): Promise<void> {
    const label = Object.entries(containerLabels(order)).map(([name, value]) => `${name}=${value}`);
    const { Volumes: volumes } = await this.#docker.listVolumes({ filters: JSON.stringify({ label }) });
    for (const { Name: name } of volumes ?? []) await unlessOver(this.#docker.getVolume(name).remove());
  }
}

function endOf({ State: state }: Inspected): ContainerEnd {
  if (state.OOMKilled) return { exitCode: state.ExitCode, reason: OUT_OF_MEMORY };
  return { exitCode: state.ExitCode };
}

/** Docker's API names it, the types of the client do not. */
function stopSignalOf({ Config: config }: Inspected): string {
  return (config as { StopSignal?: string }).StopSignal ?? 'SIGTERM';
}
