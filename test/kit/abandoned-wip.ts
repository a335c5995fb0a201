import { startWip } from '../testkit/start-wip.ts';
import { DUMP_CHECK } from './dump-check.ts';

// A whole system in a process that a test kills: with an embedded database, and a container that is a process.
const wip = await startWip({ agents: 'process', kinds: [DUMP_CHECK] });
const { id } = await wip.addTask(DUMP_CHECK, { dump: '/dev/null' });
await wip.until(id, (task) => task.attempts.some(({ readyAt }) => readyAt !== null));
process.stdout.write('a container is ready\n');
