// Writes the JSON Schema of the build file anew: node config/build-file-schema.ts. A test says when that is due.
import { writeFileSync } from 'node:fs';
import { buildFileSchema } from '../shared/protocol/build-file-format.ts';

const path = new URL('build-file.schema.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(buildFileSchema(), null, 2)}\n`);
