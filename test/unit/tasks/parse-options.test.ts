import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import { parseOptions, type WipClass } from '../../../controlplane/tasks/wip-class.ts';
import { whyNoSchemaOfOptions } from '../../../controlplane/tasks/checks/check-schema.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';

const schema = z.strictObject({
  dump: z.string(),
  rows: z.number().int().min(1).default(1),
  target: z.strictObject({ host: z.string() }).default({ host: 'localhost' }),
});
const RESTORE: WipClass = defineWip({
  kind: 'Restore',
  version: 1,
  options: { schema, sealed: [] },
  create: (task) => new BasicWip(task),
});

function refusal(options: unknown, of: z.ZodType<object> = schema): string {
  try {
    return JSON.stringify(parseOptions({ ...RESTORE, options: { schema: of, sealed: [] } }, options));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const REMEDY = 'Correct the named fields and add the task again';

describe('a schema that waits for something', () => {
  const later = async (value: string): Promise<boolean> => Promise.resolve(value !== '');
  const shape = { dump: z.string(), rows: z.number().default(1) };

  it.each([
    ['a check', { ...shape, place: z.string().refine(later) }],
    ['a check of what may be left out', { ...shape, place: z.string().refine(later).optional() }],
    ['a check that returns a promise', { ...shape, place: z.string().refine((value) => later(value) as never) }],
    ['a transformation', { ...shape, place: z.string().transform(later) }],
    ['a preprocessing', { ...shape, place: z.preprocess(async (value) => Promise.resolve(value), z.string()) }],
    [
      'a check of an item',
      {
        ...shape,
        place: z
          .string()
          .transform((text) => [text])
          .pipe(z.array(z.string().refine(later))),
      },
    ],
  ])('in %s is told with the option, and not in words about functions of zod', (_what, of) => {
    expect(refusal({ dump: 'd', place: 'x' }, z.strictObject(of))).toBe(
      'The options of a Restore task cannot be parsed: the schema of its class is asynchronous for place. ' +
        'Check without a promise in the schema, and do what takes time in a state of the class.',
    );
  });

  it('is found before any task is added, where its code says that it is async', () => {
    const waits = { ...shape, place: z.string().refine(later), other: z.array(z.string().transform(later)) };
    expect(whyNoSchemaOfOptions(z.strictObject(waits))).toBe(
      'it is asynchronous for place, other, and options are parsed at once',
    );
    expect(whyNoSchemaOfOptions(z.strictObject(shape))).toBeNull();
  });
});

describe('options that are not valid', () => {
  it.each([
    [undefined, `dump is missing. ${REMEDY}.`],
    [{}, `dump is missing. ${REMEDY}.`],
    [{ dump: 7 }, `dump must be a text. ${REMEDY}.`],
    [{ dump: 'd', rows: 0 }, `rows must be at least 1. ${REMEDY}.`],
    [{ dump: 'd', target: {} }, `target.host is missing. ${REMEDY}.`],
    [{ dmup: 'd' }, `dump is missing; dmup is not known. ${REMEDY}; Restore has the options dump, rows, target.`],
  ])('%j are named, each with what is wrong', (options, said) => {
    expect(refusal(options)).toBe(`The options of a Restore task are not valid: ${said}`);
  });

  it('name an unknown option under each kind of schema: the typo of a name is always told', () => {
    const dump = z.string().default('d');
    const Target = z.object({ host: z.string().optional() });
    const forms: Readonly<Record<string, z.ZodType<object>>> = {
      'z.object': z.object({ dump }),
      'a refined one': z.object({ dump }).refine(() => true),
      'a transformed one': z.object({ dump }).transform(({ dump: from }) => ({ from })),
      'one with a default': z.object({ dump }).default({ dump: 'd' }),
      'both of two': z.strictObject({ dump }).and(z.object({ rows: z.number().optional() })),
      'one of two': z.union([z.object({ dump }), z.object({ url: z.string() })]),
      'one that is made later': z.lazy(() => z.object({ dump })),
    };
    for (const [name, form] of Object.entries(forms)) {
      expect([name, refusal({ dmup: 'd' }, form)]).toEqual([name, expect.stringContaining(': dmup is not known. ')]);
      expect([name, refusal({ dump: 'd' }, form)]).toEqual([name, expect.stringContaining('"d"')]);
    }
    const nested = z.object({
      targets: z.array(Target),
      byName: z.record(z.string(), Target),
      pair: z.tuple([Target]),
    });
    const options = { targets: [{}, { hots: 'a' }], byName: { b: { hots: 'c' } }, pair: [{ hots: 'd' }] };
    expect(refusal(options, nested)).toContain(
      ': targets.1.hots is not known; byName.b.hots is not known; pair.0.hots is not known. ',
    );
  });

  it('are none where a schema keeps what it does not know, or hands it to code', () => {
    const options = { dmup: 'd' };
    for (const form of [
      z.looseObject({}),
      z.record(z.string(), z.string()),
      z.object({}).catchall(z.string()),
      z.object({}).and(z.looseObject({})),
      z.preprocess((given) => given, z.object({})),
    ]) {
      expect(refusal(options, form)).not.toContain('not valid');
    }
    expect(refusal({ any: { b: 1 }, of: { b: 1 } }, z.object({ any: z.unknown(), of: z.custom<object>() }))).toBe(
      '{"any":{"b":1},"of":{"b":1}}',
    );
  });

  it('are none where the defaults complete them', () => {
    expect(refusal({ dump: 'd' })).toBe('{"dump":"d","rows":1,"target":{"host":"localhost"}}');
  });
});
