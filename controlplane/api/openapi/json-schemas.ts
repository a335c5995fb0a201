import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Makes JSON schemas (draft 2020-12) of zod schemas. Named ones become references into the components of a document. */
export interface JsonSchemas {
  /** The value as it is sent: before defaults are filled in. */
  ofInput(schema: z.ZodType): JsonSchema;
  ofAnswer(schema: z.ZodType): JsonSchema;
  /** The named schemas that were referred to so far. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

const PREFIX = '#/components/schemas/';

export function createJsonSchemas(named: Readonly<Record<string, z.ZodType>>): JsonSchemas {
  const names = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) names.add(schema, { id });
  const components: Record<string, JsonSchema> = {};

  function convert(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    // The schema is wrapped in an object, so that a named one becomes a reference even when it is the outermost.
    const whole = z.toJSONSchema(z.object({ value: schema }), {
      io,
      metadata: names,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        Object.assign(jsonSchema, z.globalRegistry.get(zodSchema));
        delete jsonSchema.$schema;
        delete jsonSchema.id;
        // Answers may grow: a program must not refuse what it does not know yet.
        if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      },
    });
    const { properties = {}, $defs = {} } = JSON.parse(JSON.stringify(whole).replaceAll('"#/$defs/', `"${PREFIX}`)) as {
      properties?: Record<string, JsonSchema>;
      $defs?: Record<string, JsonSchema>;
    };
    for (const [name, definition] of Object.entries($defs)) components[name] ??= definition;
    return properties['value'] ?? {};
  }

  return {
    ofInput: (schema) => convert(schema, 'input'),
    ofAnswer: (schema) => convert(schema, 'output'),
    components,
  };
}
