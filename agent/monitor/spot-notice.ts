import { request, type ClientRequest } from 'node:http';
import { z } from 'zod';
import type { Clock } from '../../shared/time/clock.ts';
import { readBounded } from '../../shared/http/read-bounded.ts';

/** Answer of the metadata service for a Spot instance that is being taken back; 404 until then. */
const SpotNotice = z.object({ action: z.string(), time: z.iso.datetime().transform((text) => new Date(text)) });
export type SpotNotice = z.infer<typeof SpotNotice>;

// AWS asks to check every 5 seconds; the notice comes two minutes before the end.
const POLL_INTERVAL_MS = 5_000;
// Pause while nobody answers: the service may be closed to containers for good, and one packet a minute harms nobody.
const UNANSWERED_MS = 60_000;
/** The service is on the machine itself: it answers within milliseconds, or it is closed to containers. */
const ANSWER_MS = 2_000;
const MAX_ANSWER_BYTES = 4_096;
/** The longest that IMDSv2 gives: 6 hours. */
const TOKEN_TTL_SECONDS = 21_600;
/** Covers an error of the machine's clock and the delay of the last check. */
const MARGIN_MS = 10_000;

/** The address is link-local on every EC2 instance; the other two variables are those of the AWS SDKs. */
export function metadataEndpoint(environment: Readonly<Record<string, string | undefined>>): string | null {
  // On Fargate there is no such service: a task that is taken back gets SIGTERM, and ECS says why.
  if (environment['AWS_EXECUTION_ENV'] !== 'AWS_ECS_EC2') return null;
  if (environment['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return null;
  return environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || 'http://169.254.169.254';
}

/**
 * How long the build may go on after a notice. What is left then is needed to end it and to say so. A machine that
 * hibernates leaves nothing to wait for.
 */
export function spotGraceMs({ action, time }: SpotNotice, now: Date, stopBudgetSeconds: number): number {
  if (action === 'hibernate') return 0;
  return Math.max(0, time.getTime() - now.getTime() - stopBudgetSeconds * 1_000 - MARGIN_MS);
}

export interface SpotWatch {
  readonly endpoint: string;
  readonly stopBudgetSeconds: number;
  readonly onTakenBack: () => void;
  readonly clock: Clock;
}

/**
 * Checks until the signal aborts whether AWS takes the machine back, and says so once, as late as the stop budget
 * allows. Returns after the first answer on a machine that is no Spot instance.
 */
export async function watchSpot(watch: SpotWatch, abort: AbortSignal): Promise<void> {
  const { clock } = watch;
  const metadata = new Metadata(watch.endpoint, abort);
  if (!(await isSpot(metadata, clock, abort))) return;
  while (!abort.aborted) {
    const notice = parseNotice(await metadata.get('spot/instance-action'));
    if (notice) {
      await clock.sleep(spotGraceMs(notice, clock.now(), watch.stopBudgetSeconds), abort);
      if (!abort.aborted) watch.onTakenBack();
      return;
    }
    await clock.sleep(POLL_INTERVAL_MS, abort);
  }
}

async function isSpot(metadata: Metadata, clock: Clock, abort: AbortSignal): Promise<boolean> {
  while (!abort.aborted) {
    const lifeCycle = await metadata.get('instance-life-cycle');
    if (lifeCycle !== undefined) return lifeCycle.trim() === 'spot';
    await clock.sleep(UNANSWERED_MS, abort);
  }
  return false;
}

function parseNotice(text: string | undefined): SpotNotice | undefined {
  if (text === undefined) return undefined;
  try {
    return SpotNotice.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // whoever answers there is not the metadata service
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The instance metadata service, version 2: a token first, and with it everything else. */
class Metadata {
  readonly #endpoint: string;
  readonly #abort: AbortSignal;
  #token: string | undefined;

  constructor(endpoint: string, abort: AbortSignal) {
    this.#endpoint = endpoint.replace(/\/+$/, '');
    this.#abort = abort;
  }

  /** Returns undefined when the document is not there, or nobody answers. */
  async get(path: string): Promise<string | undefined> {
    this.#token ??= await this.#newToken();
    if (this.#token === undefined) return undefined;
    const headers = { 'x-aws-ec2-metadata-token': this.#token };
    const answer = await this.#ask('GET', `/latest/meta-data/${path}`, headers);
    if (answer?.status === 401) this.#token = undefined; // the token has run out: the next check gets another
    return answer?.status === 200 ? answer.text : undefined;
  }

  async #newToken(): Promise<string | undefined> {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_TTL_SECONDS) };
    const answer = await this.#ask('PUT', '/latest/api/token', headers);
    return answer?.status === 200 ? answer.text : undefined;
  }

  async #ask(
    method: 'GET' | 'PUT',
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer | undefined> {
    const call = request(`${this.#endpoint}${path}`, { method, headers, agent: false });
    const giveUp = (): void => void call.destroy();
    const timer = setTimeout(giveUp, ANSWER_MS);
    this.#abort.addEventListener('abort', giveUp, { once: true });
    try {
      return await answerTo(call);
    } finally {
      clearTimeout(timer);
      this.#abort.removeEventListener('abort', giveUp);
    }
  }
}

function answerTo(call: ClientRequest): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const nothing = (): void => resolve(undefined);
    call.once('close', nothing);
    call.on('error', nothing);
    call.once('response', (response) => {
      const status = response.statusCode ?? 0;
      readBounded(response, MAX_ANSWER_BYTES)
        .then(({ bytes, isWhole }) => resolve(isWhole ? { status, text: bytes.toString() } : undefined))
        .catch(nothing);
    });
    call.end();
  });
}
