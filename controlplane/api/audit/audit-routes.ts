import type { FastifyInstance } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import { parseRequest } from '../http/parse-request.ts';
import type { AuditQuery, AuditService } from './audit-service.ts';
import { AuditPage } from './audit-views.ts';

const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const Text = z.string().min(1).max(1_024);
/** `actor=ann&subject=task/7&since=…&cursor=…&limit=50`; a page is a screen or two, at most 500. */
const Query = z.strictObject({
  actor: Text.optional(),
  action: Text.optional(),
  subject: Text.optional(),
  since: Instant.optional(),
  until: Instant.optional(),
  cursor: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export function auditRoutes(app: FastifyInstance, audit: AuditService): void {
  app.get(
    '/v1/audit',
    contract({ summary: 'Who changed what, the newest first', query: Query, answers: { 200: AuditPage } }),
    async (request): Promise<AuditPage> => {
      const { cursor, limit, ...filter } = parseRequest(Query, request.query, 'query');
      const found = await audit.readAudit({
        ...onlyGiven(filter),
        ...(cursor !== undefined && { beforeId: cursor }),
        limit: limit + 1, // one more than is shown tells whether there is another page
      });
      const entries = found.slice(0, limit);
      const last = entries.at(-1);
      return { entries, nextCursor: found.length > limit && last ? String(last.id) : null };
    },
  );
}

function onlyGiven({
  actor,
  action,
  subject,
  since,
  until,
}: Omit<z.output<typeof Query>, 'cursor' | 'limit'>): Omit<AuditQuery, 'limit'> {
  return {
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(subject !== undefined && { subject }),
    ...(since && { since }),
    ...(until && { until }),
  };
}
