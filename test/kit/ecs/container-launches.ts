import { testIdentity, type TestEcs } from './local-ecs.ts';
import { MemoryLedger } from '../memory/memory-ledger.ts';

let started = 100;

/** Each test launches for a task of its own, so that it does not see the containers of others. */
export function newLedger(): MemoryLedger {
  started += 1;
  return new MemoryLedger(testIdentity(started));
}

/** Launches a container and returns the ARN of its task. */
export async function launchedArn(container: ReturnType<TestEcs['container']>): Promise<string> {
  const outcome = await container.run();
  if (outcome.kind !== 'launched') throw new Error(`not launched: ${JSON.stringify(outcome)}`);
  return outcome.arn;
}
