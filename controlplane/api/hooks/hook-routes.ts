import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ANY_QUERY, contract } from '../http/contract.ts';
import { rawBody } from '../http/parse-request.ts';
import type { BodiesInFlight } from '../limits/bodies-in-flight.ts';
import type { HookReceiver, HookService } from './hook-service.ts';
import { HookAnswer } from './hook-views.ts';

interface HookRouteDeps {
  readonly hooks: HookReceiver;
  readonly bodies: BodiesInFlight;
}

// A push of the 2,048 commits that GitHub tells at most has about 2 MB.
const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;

const HEADERS: Readonly<Record<HookService, z.ZodObject>> = {
  github: z.object({
    'x-github-event': z.string().describe('Name of the event.'),
    'x-github-delivery': z.string().describe('Id of the delivery.'),
    'x-hub-signature-256': z.string().describe('`sha256=` and the HMAC of the body with the secret of the webhook.'),
  }),
  gitlab: z.object({
    'x-gitlab-token': z.string().optional().describe('The secret token of the webhook, where it has no signing token.'),
    'webhook-signature': z.string().optional().describe('The signature with the signing token (Standard Webhooks).'),
    'idempotency-key': z.string().optional().describe('Id of the delivery, the same when GitLab repeats it.'),
  }),
};

/** The senders are strangers until their signature is verified, so what they can make the server hold is bounded. */
export function hookRoutes(app: FastifyInstance, { hooks, bodies }: HookRouteDeps): void {
  const route = (service: HookService, name: string): void => {
    app.post(
      `/v1/hooks/${service}`,
      {
        ...contract({
          summary: `Takes a webhook of ${name}, and adds the build that it asks for`,
          query: ANY_QUERY,
          headers: HEADERS[service],
          body: z.unknown(),
          answers: { 201: HookAnswer, 200: HookAnswer },
        }),
        bodyLimit: MAX_PAYLOAD_BYTES,
        onRequest: async (_request, reply) => void bodies.enter('hooks', reply),
      },
      async (request, reply): Promise<HookAnswer> => {
        const { headers } = request;
        const answer = await hooks.receive({ service, headers, body: rawBody(request.body) });
        void reply.code(answer.outcome === 'added' ? 201 : 200);
        return answer;
      },
    );
  };
  route('github', 'GitHub');
  route('gitlab', 'GitLab');
}
