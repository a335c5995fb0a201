import { sdkOptions, type SdkParts } from './sdk-options.ts';

export interface QueueMessage {
  readonly body: string;
  /** Names this delivery of the message for its deletion. */
  readonly receipt: string;
  /** How often the message was delivered, this time included. */
  readonly deliveries: number;
}

/** A queue into which EventBridge puts the events of a cluster. */
export interface EventQueue {
  /** Waits for messages for up to 20 s. Returns none when there were none. Rejects with the error of the call. */
  receive(abort: AbortSignal): Promise<readonly QueueMessage[]>;
  remove(messages: readonly QueueMessage[]): Promise<void>;
}

export interface NamedQueue extends EventQueue {
  readonly url: string;
}

// As many as SQS gives and takes in one call, and as long as it waits ("Amazon SQS short and long polling").
const MESSAGES = 10;
const WAIT_SECONDS = 20;
// Sooner than this a message that was not deleted does not come again. Describing its task takes seconds.
const VISIBILITY_SECONDS = 60;
const MARGIN_MS = 10_000;

/** Opens the queue for one call at a time: the part of the SDK is loaded, and its client made, when it is used. */
export function createEventQueue(parts: SdkParts, url: string): EventQueue {
  const region = /^https:\/\/sqs\.([a-z0-9-]+)\./.exec(url)?.[1] ?? parts.cluster.region;

  async function use<T>(
    ask: (sqs: typeof import('@aws-sdk/client-sqs'), client: import('@aws-sdk/client-sqs').SQSClient) => Promise<T>,
  ): Promise<T> {
    const sqs = await import('@aws-sdk/client-sqs');
    const options = sdkOptions('sqs', parts);
    // A long poll answers after 20 s when there is nothing, and that is no failure.
    const requestHandler = { ...options.requestHandler, requestTimeout: WAIT_SECONDS * 1000 + MARGIN_MS };
    const client = new sqs.SQSClient({ ...options, region, requestHandler });
    try {
      return await ask(sqs, client);
    } finally {
      client.destroy();
    }
  }

  return {
    receive: (abort) =>
      use(async (sqs, client) => {
        const command = new sqs.ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: MESSAGES,
          WaitTimeSeconds: WAIT_SECONDS,
          VisibilityTimeout: VISIBILITY_SECONDS,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        });
        const { Messages = [] } = await client.send(command, { abortSignal: abort });
        return Messages.map(({ Body = '', ReceiptHandle = '', Attributes }) => ({
          body: Body,
          receipt: ReceiptHandle,
          deliveries: Number(Attributes?.ApproximateReceiveCount ?? 1),
        }));
      }),
    remove: (messages) =>
      use(async (sqs, client) => {
        const Entries = messages.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt }));
        // A deletion that failed is repeated when the message comes again: a hint does no harm twice.
        if (Entries.length > 0) await client.send(new sqs.DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      }),
  };
}
