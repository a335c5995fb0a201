import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BUILD_STEPS_OPTIONS } from '../../../controlplane/tasks/build-steps-options.ts';
import { BuildSteps } from '../../../controlplane/tasks/build-steps.ts';
import type { ContainerOverride } from '../../../shared/protocol/overrides.ts';
import { TEST_SETTINGS } from '../../kit/engine.ts';
import { FakeContext } from '../../kit/wip-context.ts';

const KEY = 'the statistics key of the installation';

/** What a build's container gets as PIPELINES_STATS_KEY. */
function given(
  pipelines: (typeof TEST_SETTINGS)['pipelines'],
  options: Readonly<Record<string, unknown>> = {},
): ContainerOverride | undefined {
  const context = new FakeContext();
  context.settings = { ...TEST_SETTINGS, pipelines };
  const parsed = BUILD_STEPS_OPTIONS.schema.parse({ vcsPath: 'main', vcsUri: 'git@example.org:app.git', ...options });
  new BuildSteps({ uuid: context.taskUuid, options: parsed }).addContainerOverrides(context.scripted, context);
  return context.scripted.overrides().find(({ key }) => key === 'PIPELINES_STATS_KEY');
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
  it('of the installation is not in the environment of a hostile build, which gets a token for its own task', () => {
    const override = given({ statsKey: KEY, statsScope: 'task' }, { pipelineId: 'pipe-7', pipelineJobId: 'job-9' });
    expect(override?.secure).toBe(true);
    expect(override?.value).not.toContain(KEY);
    expect(claimsOf(override?.value ?? '', KEY)).toEqual({
      iss: 'wip',
      sub: new FakeContext().taskUuid,
      iat: new FakeContext().now.getTime() / 1_000,
      pipeline: 'pipe-7',
      job: 'job-9',
    });
    expect(claimsOf(override?.value ?? '', 'another key')).toBeNull();
  });

  it('is handed over as it is where the operator says so, as a secret', () => {
    expect(given({ statsKey: KEY, statsScope: 'installation' })).toMatchObject({ value: KEY, secure: true });
  });

  it.each(['task', 'installation'] as const)('that is not set leaves nothing in the environment (%s)', (statsScope) => {
    expect(given({ statsKey: null, statsScope })).toBeUndefined();
  });
});
