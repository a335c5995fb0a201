import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BasicWip, parseOptions } from '../../../controlplane/tasks/basic-wip.ts';
import { defineWip } from '../../../controlplane/tasks/kinds.ts';

const schema = z.strictObject({
  dump: z.string(),
  rows: z.number().int().min(1).default(1),
  target: z.strictObject({ host: z.string() }).default({ host: 'localhost' }),
});
const RESTORE = defineWip({
  kind: 'Restore',
  version: 1,
  options: { schema, sealed: [] },
  create: (task) => new BasicWip(task),
});

function refusal(options: unknown): string {
  try {
    return JSON.stringify(parseOptions(RESTORE, options));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const REMEDY = 'Correct the named fields and add the task again';

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

  it('are none where the defaults complete them', () => {
    expect(refusal({ dump: 'd' })).toBe('{"dump":"d","rows":1,"target":{"host":"localhost"}}');
  });
});
