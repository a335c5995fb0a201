import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TaskSettings } from '../../../controlplane/tasks/task-settings.ts';
import { BUILD_STEPS } from '../../../controlplane/tasks/kinds.ts';
import type { ContainerOverride } from '../../../shared/protocol/overrides.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import type { SimulatedRun } from '../../testkit/simulated-run.ts';

const START = new Date('2026-11-22T12:00:00Z');
const KEY = 'the statistics key of the installation';

/** Simulates a build whose installation has these settings. */
function build(
  pipelines: TaskSettings['pipelines'],
  options: { pipelineId?: string; pipelineJobId?: string } = {},
): Promise<SimulatedRun> {
  const given = { vcsPath: 'main', vcsUri: 'git@example.org:app.git', ...options };
  return simulateTask(BUILD_STEPS, { options: given }, { settings: { pipelines }, start: START });
}

/** What a build's container gets as PIPELINES_STATS_KEY. */
function keyOf(run: SimulatedRun): ContainerOverride | undefined {
  expect(run.container?.launch?.kind).toBe('launched');
  return run.container?.overrides.find(({ key }) => key === 'PIPELINES_STATS_KEY');
}

/** As the receiver checks a token; null when another key, or nothing, signed it. */
function claimsOf(token: string, key: string): unknown {
  const [header = '', claims = '', signature] = token.split('.');
  const expected = createHmac('sha256', key).update(`${header}.${claims}`).digest('base64url');
  if (signature !== expected) return null;
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
  return JSON.parse(Buffer.from(claims, 'base64url').toString());
}

describe('the statistics key', () => {
  it('of the installation is not in the environment of a hostile build, which gets a token for its own task', async () => {
    const run = await build({ statsKey: KEY, statsScope: 'task' }, { pipelineId: 'pipe-7', pipelineJobId: 'job-9' });
    const override = keyOf(run);
    expect(override?.secure).toBe(true);
    expect(override?.value).not.toContain(KEY);
    expect(claimsOf(override?.value ?? '', KEY)).toEqual({
      iss: 'wip',
      sub: run.uuid,
      iat: START.getTime() / 1_000,
      pipeline: 'pipe-7',
      job: 'job-9',
    });
    expect(claimsOf(override?.value ?? '', 'another key')).toBeNull();
  });

  it('is handed over as it is where the operator says so, as a secret', async () => {
    expect(keyOf(await build({ statsKey: KEY, statsScope: 'installation' }))).toMatchObject({
      value: KEY,
      secure: true,
    });
  });

  it.each(['task', 'installation'] as const)(
    'that is not set leaves nothing in the environment (%s)',
    async (statsScope) => {
      expect(keyOf(await build({ statsKey: null, statsScope }))).toBeUndefined();
    },
  );
});
