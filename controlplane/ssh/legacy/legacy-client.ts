import type { Client as SshClient } from 'ssh2';
import { OperationalError } from '../../../shared/model/error.ts';
import type {
  EnvironmentBody,
  Health,
  ProcessStatus,
  SignalProcess,
  StartProcess,
} from '../../../shared/protocol/agent-api.ts';
import type { StreamName, Usage } from '../../../shared/protocol/signals.ts';
import { shellQuote } from '../../../shared/text/shell-quote.ts';
import {
  connectionEnded,
  type AgentClient,
  type AgentOutput,
  type RemoteFile,
  type RemoteFileToWrite,
} from '../agent-client.ts';
import { execCommand, type CommandOutcome } from '../exec-command.ts';
import { openConnection, pinnedTo, type AgentEndpoint } from '../open-connection.ts';
import { digestOf, exportsOf, refuseUser, runScript } from './run-script.ts';
import { parseHealth, parseStatus, refuseFailure } from './wrapper-answers.ts';
import { LEGACY_WRAPPER } from './wrapper-script.ts';

// As for files of an agent.
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const DEFAULT_MODE = 0o644;

const INSTALL = `umask 077; mkdir -p "$1" && cat >"$1/wip.$$" && [ "$(wc -c <"$1/wip.$$")" -eq "$2" ] && mv -f "$1/wip.$$" "$1/wip"`;

/**
 * Connects to a container without an agent and copies the wrapper in. Each connection does so: a node of another version may
 * have left its own there, and processes go on with the one that started them.
 */
export async function connectLegacy(endpoint: AgentEndpoint, directory: string): Promise<AgentClient> {
  const ssh = await openConnection(endpoint, pinnedTo(endpoint.hostKeyLine));
  const client = new LegacyClient(ssh, endpoint, directory);
  try {
    await client.install();
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

interface Given {
  readonly stdin?: Buffer;
  readonly maxOutputBytes?: number;
}

/** One container without an agent, by commands over SSH. */
class LegacyClient implements AgentClient {
  isOpen = true;
  readonly #ssh: SshClient;
  readonly #endpoint: AgentEndpoint;
  readonly #directory: string;
  readonly #closed: Promise<void>;
  #underWay = 0;

  constructor(ssh: SshClient, endpoint: AgentEndpoint, directory: string) {
    this.#ssh = ssh;
    this.#endpoint = endpoint;
    this.#directory = directory;
    ssh.on('error', () => undefined); // 'close' follows, and calls under way fail by their channels
    this.#closed = new Promise((resolve) => {
      ssh.once('close', () => {
        this.isOpen = false;
        resolve();
      });
    });
  }

  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  async install(): Promise<void> {
    const stdin = Buffer.from(LEGACY_WRAPPER);
    const words = ['sh', '-c', INSTALL, 'sh', this.#directory, String(stdin.length)];
    refuseFailure(await this.#exec(words.map(shellQuote).join(' '), { stdin }));
  }

  async health(nonce: string): Promise<Health> {
    return parseHealth(nonce, await this.#wrapper(['health', nonce]));
  }

  async putEnvironment({ secure }: EnvironmentBody): Promise<void> {
    const stdin = Buffer.from(exportsOf(secure));
    await this.#wrapper(['environment', String(stdin.length)], { stdin });
  }

  async startProcess(key: string, body: StartProcess): Promise<ProcessStatus> {
    const script = Buffer.from(runScript(body, `${this.#directory}/environment`, this.#endpoint.user));
    if (body.stdin !== undefined) {
      const stdin = Buffer.from(body.stdin);
      await this.#wrapper(['stdin', key, String(stdin.length)], { stdin });
    }
    const words = ['start', key, digestOf(body), String(script.length), orderOf(body)];
    return parseStatus(key, await this.#wrapper(words, { stdin: script }));
  }

  async processStatus(key: string): Promise<ProcessStatus> {
    return parseStatus(key, await this.#wrapper(['status', key]));
  }

  processOutput(key: string, stream: StreamName, offset: number, maxBytes: number): Promise<AgentOutput> {
    return this.#output('output', key, { stream, offset, maxBytes });
  }

  unreportedOutput(key: string, stream: StreamName, offset: number, maxBytes: number): Promise<AgentOutput> {
    return this.#output('unreported', key, { stream, offset, maxBytes });
  }

  async signalProcess(key: string, { signal, graceSeconds }: SignalProcess): Promise<void> {
    await this.#wrapper(['signal', key, signal, graceSeconds === undefined ? '' : String(graceSeconds)]);
  }

  async writeFile({ path, user, mode = DEFAULT_MODE, content }: RemoteFileToWrite): Promise<void> {
    refuseUser(user, this.#endpoint.user);
    const stdin = Buffer.from(content as string);
    await this.#wrapper(['put', path, mode.toString(8), String(stdin.length)], { stdin });
  }

  async readFile({ path, user }: RemoteFile): Promise<Buffer> {
    refuseUser(user, this.#endpoint.user);
    const { stdout } = await this.#wrapper(['get', path], { maxOutputBytes: MAX_FILE_BYTES + 1 });
    if (stdout.length <= MAX_FILE_BYTES) return stdout;
    throw new OperationalError('FILE_REFUSED', {
      happened: `${path} is larger than ${MAX_FILE_BYTES} bytes`,
      remedy: 'Read a smaller file',
    });
  }

  usage(): Promise<Usage> {
    const happened = 'A container without an agent measures nothing of its own';
    const remedy = 'Put the agent into the image to know what a build uses';
    return Promise.reject(new OperationalError('AGENT_NOT_ALLOWED', { happened, remedy }));
  }

  async shutdown(): Promise<void> {
    await this.#wrapper(['shutdown']);
  }

  exec(command: string): Promise<CommandOutcome> {
    return this.#exec(command);
  }

  async close(): Promise<void> {
    // destroy and not end: end would wait for a container that may be gone, and no call is under way that would be lost.
    if (this.isOpen) this.#ssh.destroy();
    await this.#closed;
  }

  async #output(
    verb: 'output' | 'unreported',
    key: string,
    { stream, offset, maxBytes }: { stream: StreamName; offset: number; maxBytes: number },
  ): Promise<AgentOutput> {
    const words = [verb, key, stream, String(offset), String(maxBytes)];
    const { stdout } = await this.#wrapper(words, { maxOutputBytes: maxBytes });
    return { offset, bytes: stdout };
  }

  async #wrapper(words: readonly string[], given: Given = {}): Promise<CommandOutcome> {
    const command = ['sh', `${this.#directory}/wip`, ...words].map(shellQuote).join(' ');
    return refuseFailure(await this.#exec(command, given));
  }

  async #exec(command: string, given: Given = {}): Promise<CommandOutcome> {
    if (!this.isOpen) throw connectionEnded();
    this.#underWay += 1;
    try {
      return await execCommand(this.#ssh, command, this.#endpoint.timeoutMs, given);
    } finally {
      this.#underWay -= 1;
    }
  }
}

function orderOf({ output = 'report', noProgressAfter }: StartProcess): string {
  return `${output} ${noProgressAfter ?? ''}`.trimEnd();
}
