import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ExitSignal } from '../../shared/protocol/signals.ts';
import { AgentProcess } from '../kit/agent/agent-process.ts';
import { skipped } from '../kit/agent/agent-suite.ts';
import { DockerEngine, whyNoEngine } from '../kit/ecs/docker-engine.ts';
import { buildAgentImage, createImagePlace } from '../kit/programs/image-place.ts';
import { attackContainer } from './attacks.ts';

const BINARY = process.env['WIP_AGENT_BINARY'];
const IMAGE = 'wip-build';
/** The same with a workload user who is in one more group, as users of images with devices or a Docker socket are. */
const IMAGE_WITH_GROUP = 'wip-build-group';
const skipReason =
  BINARY === undefined ? 'needs WIP_AGENT_BINARY, which npm test -- --only binary sets' : whyNoEngine();

let engine: DockerEngine;
const agents: AgentProcess[] = [];

async function start(environment: Record<string, string> = {}, image = IMAGE): Promise<AgentProcess> {
  const agent = await AgentProcess.start({ place: createImagePlace(engine, image), environment });
  agents.push(agent);
  await agent.ready();
  return agent;
}

function exitSignal(agent: AgentProcess): ExitSignal {
  return agent.controlPlane.signals.find(({ kind }) => kind === 'exit')?.body as ExitSignal;
}

describe.skipIf(skipReason)(`the image of docker/agent.Dockerfile${skipped(skipReason)}`, () => {
  beforeAll(async () => {
    engine = await DockerEngine.start();
    engine.importBase('base');
    buildAgentImage(engine, { tag: IMAGE, base: 'base', binary: BINARY ?? '' });
    const withGroup = join(tmpdir(), `wip-image-${process.pid}.Dockerfile`);
    writeFileSync(withGroup, `FROM ${IMAGE}\nRUN usermod --append --groups video local\n`);
    engine.build(IMAGE_WITH_GROUP, 'Dockerfile', { Dockerfile: withGroup }, IMAGE);
    rmSync(withGroup);
  });
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.close()));
  });
  afterAll(() => engine.close());

  it('builds as its user, leaves no zombies, and ends by its shutdown file', async () => {
    const agent = await start();
    const orphans = 'for i in $(seq 20); do (setsid sh -c "sleep 0.1" &); done; sleep 0.5; ps -eo stat= | grep -c Z';
    await agent.startProcess('build', { command: { shell: `id -un; git --version; ${orphans}` } });
    await agent.exited('build');
    expect((await agent.output('build')).toString()).toMatch(/^local\ngit version .*\n0\n$/);
    writeFileSync(agent.shutdownFile, '');
    expect(await agent.ended).toBe(0);
    const { cause, usage } = exitSignal(agent);
    expect(cause).toBe('shutdown-file');
    // The baseline that the last step of the Dockerfile wrote: some 280 MB, whatever else is on this disk.
    expect(usage?.disk.initialBytes).toBeGreaterThan(150_000_000);
    expect(usage?.disk.initialBytes).toBeLessThan(2_000_000_000);
  });

  it('ends a build at its disk limit, with its output before the exit', async () => {
    const agent = await start({ WORKLOAD_MAX_DISK: '0.05' });
    await agent.startProcess('build', {
      command: { shell: 'echo filling; head -c 200000000 /dev/zero >/tmp/big; sleep 60' },
    });
    expect(await agent.ended).toBe(70);
    expect(agent.controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
    expect(exitSignal(agent).cause).toBe('limit-disk');
  });

  it('says its last words when it is stopped from outside', async () => {
    const agent = await start();
    await agent.startProcess('build', { command: { shell: 'echo working; sleep 60' } });
    process.kill(agent.pid, 'SIGTERM');
    expect(await agent.ended).toBe(143);
    expect(agent.controlPlane.kinds).toEqual(['ready', 'output', 'processComplete', 'exit']);
  });

  attackContainer((environment) => start(environment, IMAGE_WITH_GROUP));
});
