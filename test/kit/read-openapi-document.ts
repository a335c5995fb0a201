import { createHttpApi } from '../../controlplane/api/create-http-api.ts';
import type { OpenApiDocument } from '../../controlplane/api/openapi/openapi-document.ts';
import { MemoryServices } from './memory/memory-services.ts';

/** Reads the OpenAPI document from a server of its own, which no test looks at. */
export async function readOpenApiDocument(): Promise<OpenApiDocument> {
  const app = createHttpApi(new MemoryServices().apiDeps);
  const answer = await app.inject({ url: '/v1/openapi.json' });
  await app.close();
  return answer.json();
}
