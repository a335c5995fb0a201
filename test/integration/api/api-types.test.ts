import { describe, expect, it } from 'vitest';
import { printApiTypes, readApiTypes } from '../../../config/generate-api-types.ts';
import { readOpenApiDocument } from '../../kit/read-openapi-document.ts';

describe('the types of the API', () => {
  it('are those of the document: else run "node config/generate-api-types.ts"', async () => {
    expect(readApiTypes()).toBe(await printApiTypes(await readOpenApiDocument()));
  });
});
