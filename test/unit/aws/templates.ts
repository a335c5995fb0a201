import { z } from 'zod';
import { readDocument } from '../docs/documents.ts';

export const KINDS = ['nat', 'endpoints'] as const;

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
});

const Template = z.object({
  Parameters: z.record(z.string(), z.object({ Type: z.string(), Default: z.unknown().optional() })),
  Resources: z.record(z.string(), Resource),
  Outputs: z.record(z.string(), z.object({ Description: z.string(), Value: z.unknown() })),
});
export type Template = z.infer<typeof Template>;

export function readTemplate(kind: (typeof KINDS)[number]): Template {
  return Template.parse(JSON.parse(readDocument(`docker/aws/templates/${kind}.json`)));
}

/** Returns the properties of each resource of a type, by logical id. */
export function resourcesOf(template: Template, type: string): Record<string, Record<string, unknown>> {
  const found = Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
  return Object.fromEntries(found.map(([id, { Properties }]) => [id, Properties]));
}

export function theOnly(template: Template, type: string): Record<string, unknown> {
  const found = Object.values(resourcesOf(template, type));
  if (found.length !== 1) throw new Error(`the template has ${found.length} resources of type ${type}`);
  return found[0]!;
}

/**
 * Returns what CloudFormation would make of a value: parameters and attributes become `given`, or their own name. No other
 * function stands where it is used.
 */
export function resolved(value: unknown, given: Readonly<Record<string, string>> = {}): string {
  if (typeof value === 'string') return value;
  const [[name, argument] = ['', undefined]] = Object.entries(z.record(z.string(), z.unknown()).parse(value));
  if (name === 'Ref') return given[String(argument)] ?? String(argument);
  if (name === 'Fn::GetAtt') {
    const attribute = z.array(z.string()).parse(argument).join('.');
    return given[attribute] ?? attribute;
  }
  if (name !== 'Fn::Join') throw new Error(`${name} is not expected here`);
  const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(argument);
  return parts.map((part) => resolved(part, given)).join(separator);
}
