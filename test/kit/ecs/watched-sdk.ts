import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ECSClient } from '@aws-sdk/client-ecs';
import { answerFaults, requestFaults, type OperationModel } from './ecs-model.ts';

/** The client that all clients of the SDK extend. */
interface AnyClient {
  send(command: AnyCommand, ...rest: unknown[]): unknown;
}

interface AnyCommand {
  readonly input: unknown;
  readonly schema?: OperationModel;
  readonly middlewareStack: { add(middleware: Middleware, options: object): void };
}

type Middleware = (
  next: (args: { readonly request: SentRequest }) => Promise<{ response: SdkResponse }>,
) => (args: { readonly request: SentRequest }) => Promise<{ response: SdkResponse }>;

interface SentRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface SdkResponse {
  readonly statusCode: number;
  body: Readable;
}

const found: string[] = [];
const watchedCommands = new WeakSet<AnyCommand>();

/** Returns what was wrong with requests and answers since the last call. */
export function takeModelFaults(): readonly string[] {
  return found.splice(0);
}

/**
 * Holds every request that this process sends with the AWS SDK, and every answer it gets, against the service model: the
 * product's own clients as well as those of tests. Bodies are checked as they are sent, because the SDK leaves out of an
 * answer what it does not know. Of the query protocol (EC2, STS), whose bodies are no JSON, only the input is checked.
 */
export function watchSdk({ answers }: { readonly answers: 'held' | 'ignored' }): void {
  const base = Object.getPrototypeOf(ECSClient.prototype) as AnyClient & { isWatched?: true };
  if (base.isWatched) return;
  const send = base.send;
  base.isWatched = true;
  base.send = function (command, ...rest) {
    const { schema } = command;
    if (schema && !watchedCommands.has(command)) {
      watchedCommands.add(command);
      // The SDK leaves out of a body what it does not know, so what was asked for is checked as well.
      found.push(...requestFaults(schema, JSON.parse(JSON.stringify(command.input))));
      command.middlewareStack.add(holdTo(schema, answers), {
        step: 'deserialize',
        priority: 'low',
        name: 'holdToModel',
      });
    }
    return send.call(this, command, ...rest);
  };
}

function holdTo(operation: OperationModel, answers: 'held' | 'ignored'): Middleware {
  return (next) => async (args) => {
    if (!isJson(args.request)) return next(args);
    found.push(...requestFaults(operation, JSON.parse(textOf(args.request.body))));
    const output = await next(args);
    if (answers === 'ignored') return output;
    const { response } = output;
    const bytes = await buffer(response.body);
    // What was read is put back for the deserializer.
    response.body = Readable.from([bytes]);
    const answer = response.statusCode < 300 ? parse(bytes.toString()) : null;
    if (answer !== null) found.push(...answerFaults(operation, answer.value));
    return output;
  };
}

function isJson({ headers }: SentRequest): boolean {
  return headers['content-type']?.startsWith('application/x-amz-json') === true;
}

function textOf(body: unknown): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body);
}

/** Text that is not JSON comes from something between the client and ECS; the tests of such answers send it. */
function parse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
