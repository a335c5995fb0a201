// Writes the types of the API for wipctl and the dashboard, from the OpenAPI document:
//
//   node config/generate-api-types.ts
//
// A test says when that is due.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTypes, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import type { OpenApiDocument } from '../controlplane/api/openapi/openapi-document.ts';

const TARGET = join(dirname(dirname(fileURLToPath(import.meta.url))), 'controlplane/api/openapi/api-types.ts');
const HEAD = `// Generated from the OpenAPI document with "node config/generate-api-types.ts": do not edit.\n\n`;

/** Returns the text of the file as it should be. */
export async function printApiTypes(document: OpenApiDocument): Promise<string> {
  const nodes = await openapiTypes(document as unknown as OpenAPI3, { alphabetize: true, exportType: false });
  return format(HEAD + astToString(nodes), { ...(await resolveConfig(TARGET)), parser: 'typescript' });
}

export function readApiTypes(): string {
  return readFileSync(TARGET, 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { readOpenApiDocument } = await import('../test/kit/read-openapi-document.ts');
  writeFileSync(TARGET, await printApiTypes(await readOpenApiDocument()));
}
