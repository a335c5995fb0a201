// The embedded database of a node: starts it in the given directory, prints its address, and runs until it is killed.
// A process of its own, because only a process can be killed.
import { startEmbeddedPostgres } from '../../../controlplane/postgres/embedded-postgres.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { RecordingLog } from '../recording-log.ts';

const [directory = ''] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ directory, log: new RecordingLog(), clock: systemClock });
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid })}\n`);
setInterval(() => undefined, 60_000);
