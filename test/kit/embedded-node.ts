// A node as far as its embedded database goes: starts it on the directory given, says where it is, and stays until
// it is killed. Run as a process of its own, because only a process can be killed.
import { startEmbeddedPostgres } from '../../controlplane/postgres/embedded-postgres.ts';
import { systemClock } from '../../shared/support/clock.ts';
import { RecordingLog } from './recording-log.ts';

const [directory = ''] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ directory, log: new RecordingLog(), clock: systemClock });
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid })}\n`);
setInterval(() => undefined, 60_000);
