import { startWip } from '../../testkit/start-wip.ts';
import { DUMP_CHECK } from './dump-check.ts';

// A whole system in a process that a test kills: with an embedded database or on a given server, and a container that is a
// process.
const [databaseUrl] = process.argv.slice(2);
const wip = await startWip({ agents: 'process', kinds: [DUMP_CHECK], ...(databaseUrl && { databaseUrl }) });
const { id } = await wip.addTask(DUMP_CHECK, { dump: '/dev/null' });
await wip.until(id, (task) => task.attempts.some(({ readyAt }) => readyAt !== null));
process.stdout.write('a container is ready\n');
