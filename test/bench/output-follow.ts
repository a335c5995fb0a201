import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { sql } from 'kysely';
import { descendantsOf } from '../../controlplane/localecs/process/process-tree.ts';
import { buildFile, makeRepository } from '../kit/builds/git-place.ts';
import { withServer, type BenchServer } from './bench-server.ts';
import { WipSystem } from './build-wip.ts';
import { judgeFigure, type Finding } from './measure.ts';
import { placeAgentBinary } from './place-agent-binary.ts';
import { ownProcessorSeconds, peakMegabytes, processorSeconds, processorSecondsOfTree } from './processor-time.ts';

/** `WIP_BENCH_FOLLOWED_MB=100` measures less on a machine that others use too. */
const MEGABYTES = Number(process.env['WIP_BENCH_FOLLOWED_MB'] ?? 1_000);
const LEAST_MEGABYTES_PER_SECOND = 30;
const MOST_AGENT_GROWTH_MEGABYTES = 33.6;
const MOST_NODE_GROWTH_MEGABYTES = 67.1;
const MOST_FIRST_BYTE_MS = 250;
const BOUND_MS = 300_000;
const READ_MS = 20;
// Figures of processes are read from all of /proc, which takes milliseconds of what is measured.
const LOOK_MS = 500;
// Lines as compilers print them, of which each differs from the last.
const WRITER = `awk 'BEGIN { for (n = 0; n < ${MEGABYTES * 10_000}; n++) printf "[%08d] cc -O2 -Wall -Iinclude -c source/module%05d.c -o build/module%05d.o   # \\n", n, n % 99991, n % 9973 }'`;

/** Measures a build that prints a gigabyte, from its process to somebody who follows it. */
export async function benchFollowedOutput(): Promise<Finding[]> {
  const binary = await placeAgentBinary();
  try {
    return await withServer((server) => follow(server, binary.path));
  } finally {
    binary.remove();
  }
}

async function follow(server: BenchServer, agentBinary: string): Promise<Finding[]> {
  const script = [`echo "stamp $(date +%s%3N)"; sleep 3; ${WRITER}; sleep 2`];
  const repository = makeRepository(join(server.directory, 'printer'), {
    'acquia-pipelines.yaml': buildFile(...script),
  });
  const system = await WipSystem.start(server, agentBinary);
  try {
    const id = await system.add({ sourceVcsUri: repository, vcsPath: 'main' });
    const reader = new StreamReader(new URL(`${system.node.url}/v1/tasks/${id}/stream`), system.token);
    await reader.hasRead(1);
    const agentPid = findAgent(agentBinary);
    const before = { node: startPeak(system.node.pid), agent: startPeak(agentPid) };
    const processor = () => ({
      node: processorSeconds([system.node.pid]),
      agent: ownProcessorSeconds(agentPid),
      database: processorSecondsOfTree(server.pid),
    });
    const used = processor();
    let now = used;
    const growth = { node: NaN, agent: NaN };
    // The agent ends with the build, so the last figures of its life count.
    const look = (): void => {
      const later = processor();
      growth.node = peakMegabytes(system.node.pid) - before.node;
      const agentGrowth = peakMegabytes(agentPid) - before.agent;
      if (Number.isNaN(agentGrowth)) return;
      growth.agent = agentGrowth;
      now = later;
    };
    await reader.hasRead(MEGABYTES * 1e6 * 0.9, look);
    await system.untilEnded(id, BOUND_MS);
    reader.close();
    const perMegabyte = (of: keyof typeof used): string =>
      `${(((now[of] - used[of]) * 1_000_000_000) / reader.bytes).toFixed(1)} ms`;
    const what = (text: string): string => `${MEGABYTES} MB from a process to a follower: ${text}`;
    return [
      judgeFigure({
        what: what('received'),
        value: reader.megabytesPerSecond,
        unit: 'MB/s',
        beside: `; ${(reader.bytes / 1e6).toFixed(0)} MB came; processor a received MB: agent ${perMegabyte('agent')}, node ${perMegabyte('node')}, PostgreSQL ${perMegabyte('database')}`,
        atLeast: LEAST_MEGABYTES_PER_SECOND,
      }),
      judgeFigure({
        what: what('the agent grows by'),
        value: growth.agent,
        unit: 'MB',
        beside: '',
        atMost: MOST_AGENT_GROWTH_MEGABYTES,
      }),
      judgeFigure({
        what: what('the node grows by'),
        value: growth.node,
        unit: 'MB',
        beside: '',
        atMost: MOST_NODE_GROWTH_MEGABYTES,
      }),
      judgeFigure({
        what: what('first byte after'),
        value: reader.firstByteMs,
        unit: 'ms',
        beside: '',
        atMost: MOST_FIRST_BYTE_MS,
      }),
      await measureStored(system),
    ];
  } finally {
    await system.close();
  }
}

/** Bytes on disk for each byte of output that is kept. */
async function measureStored({ db }: WipSystem): Promise<Finding> {
  const { rows } = await sql<{ onDisk: number; kept: number; isCompressed: boolean }>`
    SELECT sum(coalesce(pg_column_size(bytes), 0))::bigint AS on_disk, sum(octet_length(bytes))::bigint AS kept,
      bool_or(pg_column_compression(bytes) IS NOT NULL) AS is_compressed FROM output_chunk`.execute(db);
  const { onDisk = 0, kept = 1, isCompressed = false } = rows[0] ?? {};
  const beside = isCompressed ? '; compressed by the server' : '; this server was built without lz4';
  return judgeFigure({
    what: 'output: bytes stored for each byte that is kept',
    value: onDisk / kept,
    unit: 'B',
    beside,
  });
}

function findAgent(binary: string): number {
  const agent = descendantsOf(process.pid).find((pid) => {
    const [program, command] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return program === binary && command === 'run';
  });
  if (agent === undefined) throw new Error('the agent of the build is not among the processes');
  return agent;
}

/** Makes the peak of resident memory begin anew (proc_pid_clear_refs(5)), and returns what is resident, in MB. */
function startPeak(pid: number): number {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return peakMegabytes(pid);
}

// What is looked at of a line: its fields before the data, and the first lines of the build.
const BEGIN_BYTES = 4_096;
const DATA_START = '"data":"'.length;
const DATA_END = '"}'.length;

/** Reads the stream of a task with as little work as possible, because the measuring process shares the processors. */
class StreamReader {
  bytes = 0;
  /** Milliseconds from the moment that the build printed until the text came. */
  firstByteMs = NaN;
  readonly #socket: Socket;
  /** Of the line that has begun: its first bytes, and how long it is so far. */
  #begin = Buffer.alloc(0);
  #length = 0;
  #burst: { readonly fromMs: number; readonly fromBytes: number } | undefined;
  #lastMs = 0;
  #hasEnded = false;

  constructor({ hostname, port, pathname, host }: URL, token: string) {
    this.#socket = connect(Number(port), hostname);
    this.#socket.on('data', (bytes) => this.#read(bytes));
    // An answer to HTTP/1.0 is not cut into chunks, so that a line of it is a line of the stream.
    this.#socket.write(`GET ${pathname} HTTP/1.0\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  }

  get megabytesPerSecond(): number {
    if (!this.#burst) return 0;
    return (this.bytes - this.#burst.fromBytes) / 1_000 / (this.#lastMs - this.#burst.fromMs);
  }

  /** `meanwhile` is called again and again until so much has come, or all that comes. */
  async hasRead(bytes: number, meanwhile: () => void = () => undefined): Promise<void> {
    const startedMs = performance.now();
    let lookedMs = startedMs;
    // A build that writes more than is kept ends before so much has come.
    while (this.bytes < bytes && !this.#hasEnded) {
      // What is not sent while the build runs comes later, or is counted as left out.
      if (performance.now() - startedMs > BOUND_MS) return;
      if (performance.now() - lookedMs >= LOOK_MS) {
        meanwhile();
        lookedMs = performance.now();
      }
      await new Promise((resolve) => setTimeout(resolve, READ_MS));
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const lineEnd = bytes.indexOf('\n', from);
      const end = lineEnd === -1 ? bytes.length : lineEnd;
      const missing = BEGIN_BYTES - this.#begin.length;
      if (missing > 0) this.#begin = Buffer.concat([this.#begin, bytes.subarray(from, Math.min(end, from + missing))]);
      this.#length += end - from;
      from = end + 1;
      if (lineEnd === -1) continue;
      this.#take(this.#begin.toString('latin1'), this.#length);
      this.#begin = Buffer.alloc(0);
      this.#length = 0;
    }
  }

  /** `begin` is all of a short line. A line of output ends with its data. */
  #take(begin: string, length: number): void {
    if (begin === 'event: end') this.#hasEnded = true;
    const start = begin.startsWith('data: ') ? begin.indexOf('"data":"') + DATA_START : -1;
    if (start < DATA_START) return;
    this.#lastMs = performance.now();
    if (Number.isNaN(this.firstByteMs)) {
      const text = Buffer.from(begin.slice(start, -DATA_END), 'base64').toString();
      const stamp = /^stamp (\d+)$/m.exec(text)?.[1];
      if (stamp !== undefined) this.firstByteMs = Date.now() - Number(stamp);
    } else this.#burst ??= { fromMs: this.#lastMs, fromBytes: this.bytes };
    this.bytes += Math.floor(((length - start - DATA_END) * 3) / 4);
  }
}
