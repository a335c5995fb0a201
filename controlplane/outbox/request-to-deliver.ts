import { z } from 'zod';

/** The request to deliver, stored as the `request` of its effect. */
export const RequestToDeliver = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string().regex(/^[!#$%&'*+.^`|~\w-]+$/), z.string().regex(/^[^\r\n\0]*$/)),
  body: z.string().optional(),
});
export type RequestToDeliver = z.infer<typeof RequestToDeliver>;
