import type { FastifyInstance } from 'fastify';
import { contract } from '../http/contract.ts';
import type { z } from 'zod';
import { parseRequest } from '../http/parse-request.ts';
import { AuditFilters } from './audit-filters.ts';
import type { AuditQuery, AuditService } from './audit-service.ts';
import { AuditPage } from './audit-views.ts';

export function auditRoutes(app: FastifyInstance, audit: AuditService): void {
  app.get(
    '/v1/audit',
    contract({ summary: 'Who changed what, the newest first', query: AuditFilters, answers: { 200: AuditPage } }),
    async (request): Promise<AuditPage> => {
      const { cursor, limit, ...filter } = parseRequest(AuditFilters, request.query, 'query');
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
}: Omit<z.output<typeof AuditFilters>, 'cursor' | 'limit'>): Omit<AuditQuery, 'limit'> {
  return {
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(subject !== undefined && { subject }),
    ...(since && { since }),
    ...(until && { until }),
  };
}
