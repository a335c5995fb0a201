import { parseArgs } from 'node:util';
import { systemClock } from '../../../shared/time/clock.ts';
import { startLocalEcs } from '../../../controlplane/localecs/start-local-ecs.ts';
import { shellContainer, silentLog, testLauncher } from './local-ecs.ts';

// Local ECS as a process of its own, so that a test can kill it. Prints its endpoint; SIGTERM ends it cleanly.
const { values } = parseArgs({ options: { directory: { type: 'string' }, script: { type: 'string' } } });
const ecs = await startLocalEcs({
  directory: values.directory ?? '',
  launcher: testLauncher(shellContainer(values.script ?? '')),
  closeGraceMs: 200,
  clock: systemClock,
  log: silentLog,
});
process.once('SIGTERM', () => void ecs.close());
process.stdout.write(`${ecs.endpoint}\n`);
