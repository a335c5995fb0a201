import { z } from 'zod';

export const REQUEST_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export const HeaderName = z.string().regex(/^[!#$%&'*+.^`|~\w-]+$/);

/** The request to deliver, stored sealed as the `request` of its effect. */
export const RequestToDeliver = z.strictObject({
  method: z.enum(REQUEST_METHODS),
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(HeaderName, z.string().regex(/^[^\r\n\0]*$/)),
  body: z.string().optional(),
  sign: z
    .strictObject({
      scheme: z.literal('acquia-http-hmac'),
      realm: z.string().min(1),
      id: z.string().min(1),
      secret: z.base64().min(1),
      signedHeaders: z.array(HeaderName).optional(),
    })
    .optional(),
  certificate: z.enum(['verified', 'any']).optional(),
});
export type RequestToDeliver = z.infer<typeof RequestToDeliver>;
