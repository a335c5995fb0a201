import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { clientKeyContext } from '../../../controlplane/store/secrets/seal-contexts.ts';
import { ContainerAgent } from '../../../controlplane/engine/container/container-agent.ts';
import type { AgentClient } from '../../../controlplane/ssh/agent-client.ts';
import { OperationalError, type OperationalErrorCode } from '../../../shared/model/error.ts';
import type { ProcessStatus } from '../../../shared/protocol/agent-api.ts';
import { seal } from '../../../shared/keys/sealing.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { launchAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const NO_BYTES = { bytes: 0, omitted: 0 };
const RUNNING: ProcessStatus = {
  processId: 'p',
  state: 'running',
  pid: 7,
  startTime: 1,
  streams: { stdout: NO_BYTES, stderr: NO_BYTES },
  progress: 0,
  secondsSinceProgress: 0,
  noProgress: false,
};

/**
 * Opens the access of a task whose agent answers the starts of a process with these codes in turn, `ok` for success.
 */
async function openAccess(answers: (OperationalErrorCode | 'ok')[]) {
  const { db } = await databases.fresh();
  const task = await startedTask(db);
  const launched = await launchAttempt(db, task);
  const masterKey = randomBytes(32);
  const attempt = {
    ...launched,
    hostKey: 'ssh-ed25519 AAAA',
    clientKeySealed: seal(masterKey, 'private', clientKeyContext(launched.uuid)),
  };
  const keys: string[] = [];
  const startProcess: AgentClient['startProcess'] = (key) => {
    keys.push(key);
    const code = answers.shift() ?? 'ok';
    if (code === 'ok') return Promise.resolve(RUNNING);
    return Promise.reject(new OperationalError(code, { happened: 'It did not', remedy: 'Look' }));
  };
  const deps = engineDeps(db, [], {
    masterKey: new Secret(masterKey),
    // The test uses no other part of the agent's client.
    agents: {
      connect: () => Promise.resolve({ startProcess } as unknown as AgentClient),
      drop: () => Promise.resolve(),
    },
  });
  const address = () => Promise.resolve({ host: '127.0.0.1', port: 22 });
  const access = new ContainerAgent(
    deps,
    { row: attempt, address, update: () => undefined },
    {
      lease: task,
      effectKey: (scope, name) => `${scope} ${name}`,
      now: new Date(),
      abort: new AbortController().signal,
    },
  );
  const start = () => access.startProcess('build', { command: ['make'] }, 'container');
  return { start, keys };
}

describe('the start of a process', () => {
  it('that was not answered in time is sent again under its key, and not taken for refused for ever', async () => {
    const { start, keys } = await openAccess(['AGENT_API_FAILED', 'ok']);
    expect(await start()).toMatchObject({ kind: 'agent-refused', code: 'AGENT_API_FAILED' });
    expect(await start()).toEqual({ kind: 'ok', value: RUNNING });
    expect(await start()).toMatchObject({ kind: 'ok' }); // answered from the row of the effect
    expect(keys).toEqual(['container build', 'container build']);
  });

  it('that the agent refused is refused from then on, without asking again', async () => {
    const { start, keys } = await openAccess(['AGENT_STOPPING', 'ok']);
    expect(await start()).toMatchObject({ kind: 'agent-refused', code: 'AGENT_STOPPING' });
    expect(await start()).toMatchObject({ kind: 'agent-refused', code: 'AGENT_STOPPING' });
    expect(keys).toHaveLength(1);
  });
});
