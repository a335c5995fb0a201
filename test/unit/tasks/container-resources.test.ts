import { beforeEach, describe, expect, it } from 'vitest';
import { judgeResources, readResources } from '../../../controlplane/tasks/container-resources.ts';
import type { Health } from '../../../shared/protocol/agent-api.ts';
import { FakeContext } from '../../kit/wip-context.ts';

describe('the resources of a container', () => {
  const noAnswer = { kind: 'ssh-failed', code: 'SSH_TIMEOUT', message: 'No answer.', retryable: true } as const;
  const refusal = { kind: 'agent-refused', code: 'AGENT_NOT_ALLOWED', message: 'Not you.' } as const;
  const health: Health = {
    nonce: null,
    agentVersion: '1',
    phase: 'ready',
    uptimeSeconds: 1,
    limits: { maxTimeSeconds: null, maxDiskBytes: null },
    processes: [],
    disk: null,
    environmentSet: true,
  };

  let context: FakeContext;
  beforeEach(() => {
    context = new FakeContext();
    context.state = 'containerWipCheckResources';
  });

  it('waits for a container that does not answer, and goes on when it does', async () => {
    context.answers.health = noAnswer;
    await readResources(context);
    expect(await judgeResources(context)).toBe('no_information');
    context.answers.health = { kind: 'ok', value: health };
    expect(await judgeResources(context)).toBe('success');
  });

  it('waits for a container whose port is closed for a moment, and goes on when it opens', async () => {
    await readResources(context);
    expect(await judgeResources(context)).toBe('no_information');
    context.answers.health = { kind: 'ok', value: health };
    expect(await judgeResources(context)).toBe('success');
  });

  it('fails when the agent refuses', async () => {
    context.answers.health = refusal;
    await readResources(context);
    expect(await judgeResources(context)).toBe('fail');
  });
});
