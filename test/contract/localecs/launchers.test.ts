import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LaunchOrder } from '../../../controlplane/localecs/launcher.ts';
import { processesOf } from '../../../controlplane/localecs/process/process-tree.ts';
import { skipped } from '../../kit/agent/agent-suite.ts';
import { DockerEngine, whyNoEngine } from '../../kit/ecs/docker-engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { dockerLauncherUnderTest, processLauncherUnderTest, type LauncherUnderTest } from '../../kit/ecs/launchers.ts';

/** Lives until SIGTERM, and then ends with 143. */
const PATIENT = "trap 'exit 143' TERM; echo ready; while :; do sleep 0.05; done";
const DEAF = "trap '' TERM; echo ready; while :; do sleep 0.05; done";

const noEngine = whyNoEngine();
const LAUNCHERS = [
  { name: 'process', lacks: undefined },
  { name: 'docker', lacks: noEngine },
] as const;

describe.each(LAUNCHERS)('the $name launcher', ({ name, lacks }) => {
  describe.skipIf(lacks)(`runs containers${skipped(lacks)}`, () => {
    let engine: DockerEngine | undefined;
    let under: LauncherUnderTest;
    beforeAll(async () => {
      if (name === 'docker') engine = await DockerEngine.start();
      under = engine
        ? await dockerLauncherUnderTest(engine)
        : await processLauncherUnderTest(({ directory }) => processesOf(directory).map(String));
    });
    afterAll(async () => {
      await under.close();
      await engine?.close();
    });

    const outputOf = ({ directory }: LaunchOrder): string => {
      try {
        return readFileSync(path.join(directory, 'container.log'), 'utf8');
      } catch {
        // It has written nothing yet.
        return '';
      }
    };
    const says = (order: LaunchOrder, text: string): Promise<boolean> =>
      eventually(`the output ${text}`, () => outputOf(order).includes(text));

    it('tells the exit code and keeps the output of a container that ends by itself', async () => {
      const script = 'echo out; echo err >&2; exit 7';
      const order = under.orderOf(script);
      const launched = await under.launcher(script).start(order);
      expect(await launched.ended).toEqual({ exitCode: 7 });
      expect(outputOf(order).split('\n').toSorted()).toEqual(['', 'err', 'out']);
      expect(await under.remains(order)).toEqual([]);
    });

    it('keeps the last words of containers that end at once, with or without a line break', async () => {
      const script = 'printf "one\\ntwo"; printf "|last words"';
      const orders = Array.from({ length: 12 }, () => under.orderOf(script));
      await Promise.all(
        orders.map(async (order) => {
          await (
            await under.launcher(script).start(order)
          ).ended;
        }),
      );
      expect(orders.map(outputOf)).toEqual(orders.map(() => 'one\ntwo|last words'));
    });

    it('ends a container with SIGTERM', async () => {
      const order = under.orderOf(PATIENT);
      const launched = await under.launcher(PATIENT).start(order);
      await says(order, 'ready');
      launched.terminate();
      expect(await launched.ended).toEqual({ exitCode: 143 });
    });

    it('kills everything in a container, also what ignores SIGTERM and has left its session', async () => {
      const script = `setsid sh -c 'echo away; while :; do sleep 0.05; done' & ${DEAF}`;
      const order = under.orderOf(script);
      const launched = await under.launcher(script).start(order);
      await says(order, 'away');
      await says(order, 'ready');
      launched.terminate();
      launched.kill();
      expect(await launched.ended).toEqual({ exitCode: 137 });
      expect(await under.remains(order)).toEqual([]);
    });

    it('takes a signal for a container that is over without a complaint', async () => {
      const order = under.orderOf('exit 0');
      const launched = await under.launcher('exit 0').start(order);
      expect(await launched.ended).toEqual({ exitCode: 0 });
      launched.terminate();
      launched.kill();
    });

    it('hands every variable on as it is, and the ARN of the task', async () => {
      const script = 'printf "%s|" "$QUOTED" "$LINES_OF_IT" "$EMPTY" "$WIP_TASK_ARN"';
      const environment = { QUOTED: `it's "quoted" $HOME`, LINES_OF_IT: 'one\ntwo', EMPTY: '' };
      const order = under.orderOf(script, environment);
      await (
        await under.launcher(script).start(order)
      ).ended;
      expect(outputOf(order)).toBe(`it's "quoted" $HOME|one\ntwo||${order.arn}|`);
    });

    it('says which variable fits into no environment', async () => {
      const start = under.launcher('exit 0').start(under.orderOf('exit 0', { 'A=B': 'x' }));
      await expect(start).rejects.toThrow('CannotStartContainerError: the variable "A=B"');
    });

    it('adopts a container that still runs', async () => {
      const order = under.orderOf(PATIENT);
      await under.startAndDie(order, PATIENT);
      const adopted = await under.launcher(PATIENT).adopt(order);
      if (adopted.kind !== 'running') throw new Error(adopted.kind);
      await says(order, 'ready');
      adopted.launched.terminate();
      expect(await adopted.launched.ended).toEqual({ exitCode: 143 });
      expect(await under.remains(order)).toEqual([]);
    });

    it('tells the exit code of a container that ended while nobody was there, every time', async () => {
      const order = under.orderOf('sleep 0.2; echo late; exit 9');
      await under.startAndDie(order, 'sleep 0.2; echo late; exit 9');
      await eventually('the end', () => under.isOver(order));
      const launcher = under.launcher('exit 0');
      expect(await launcher.adopt(order)).toEqual({ kind: 'ended', exitCode: 9 });
      expect(await launcher.adopt(order)).toEqual({ kind: 'ended', exitCode: 9 });
      expect(outputOf(order)).toBe('late\n');
      expect(await under.remains(order)).toEqual([]);
    });

    it('finds that an order was never started', async () => {
      const order = under.orderOf('exit 0');
      expect(await under.launcher('exit 0').adopt(order)).toEqual({ kind: 'never-started' });
    });

    it('removes the files of a container, and takes an order that has none', async () => {
      const order = under.orderOf('echo x; exit 0');
      const launcher = under.launcher('echo x; exit 0');
      await (
        await launcher.start(order)
      ).ended;
      await launcher.discard(order);
      expect(outputOf(order)).toBe('');
      expect(await launcher.adopt(order)).toEqual({ kind: 'never-started' });
      await launcher.discard(under.orderOf('exit 0'));
    });
  });
});
