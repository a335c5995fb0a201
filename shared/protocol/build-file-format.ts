import { z } from 'zod';
import { BUILD_EVENTS } from './build-export.ts';

// A build file as a person writes it. The agent's parser takes its keys and patterns from here, and the JSON Schema for editors
// is made of it. The parser finds more mistakes: a schema does not see quotes, comments and tags, and cannot compare names, such
// as those of two steps.

/** A build treats `1.10` and `yes` as text, although YAML reads a number and a boolean. */
const Text = z.union([z.string(), z.number(), z.boolean()]);
/** Not blank. */
const Word = z.union([z.string().regex(/\S/), z.number(), z.boolean()]);
const Secure = z.strictObject({ secure: Word }).describe('A sealed value, made with `wipctl encrypt`.');
/** YAML reads `1.3` as a number and `1.3.0` as text. */
const Version = z.union([z.number().min(1), z.string().regex(/^0*[1-9]\d{0,8}(?:\.\d{1,9}){0,2}$/)]);
const MAX_DEPTH = 999_999_999;
/** Names beginning with WIP_ never reach a build. */
const VariableName = z.string().regex(/^(?!WIP_)[A-Za-z_][A-Za-z0-9_]*$/);
export const SSH_KEY_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}$/;

/** A nested list comes from an alias of commands, and is flattened. */
const Commands: z.ZodType = z.array(z.union([Word, z.lazy(() => Commands)])).meta({ id: 'commands' });

export const StepFormat = z.strictObject({
  type: z.literal('script').optional().describe('The only type.'),
  script: z
    .union([Text, z.null(), Commands])
    .optional()
    .describe(
      'The commands, in one bash with `set -eo pipefail`. A list item is one command, of several lines after `|`.',
    ),
});

export const EventFormat = z.strictObject({
  steps: z
    .union([
      z.null(),
      z.array(
        z
          .record(
            z.string().regex(/\S/).describe('The name of the step, which no other step of the event has.'),
            z.union([StepFormat, z.null()]),
          )
          .meta({ minProperties: 1, maxProperties: 1 }),
      ),
    ])
    .optional()
    .describe('Run in this order, up to the first that fails.'),
});

const VariablesFormat = z.strictObject({
  global: z
    .union([z.null(), z.record(VariableName, z.union([Text, z.null(), Secure]))])
    .optional()
    .describe('Set for every command, in this order. `$NAME` is replaced by an earlier one.'),
});

export const GitFormat = z.strictObject({
  depth: z
    .union([z.number().int().min(0).max(MAX_DEPTH), z.string().regex(/^\d{1,9}$/)])
    .optional()
    .describe('Commits of the branch, and of each tag; 0 is all of them. Without it one.'),
  tags: z
    .union([z.boolean(), z.enum(['true', 'false'])])
    .optional()
    .describe('Whether tags are fetched. Without it they are not.'),
});

const EVENTS: Readonly<Record<(typeof BUILD_EVENTS)[number], string>> = {
  build: 'Makes the artefact.',
  'fail-on-build': 'After a step of build failed; PIPELINES_FAILED_STEP and others say which.',
  'post-deploy': 'After a deployment.',
  'pr-merged': 'After a pull request was merged.',
  'pr-closed': 'After a pull request was closed.',
};

const EventsFormat = z.strictObject(
  Object.fromEntries(
    BUILD_EVENTS.map((event) => [event, z.union([EventFormat, z.null()]).optional().describe(EVENTS[event])]),
  ),
);

const Service = z.union([Text, z.record(z.string(), z.unknown()).meta({ minProperties: 1, maxProperties: 1 })]);

export const BuildFileFormat = z
  .strictObject({
    version: Version.describe('The version of the format, at least 1.0.0.'),
    variables: z.union([VariablesFormat, z.null()]).optional().describe('Variables of the steps.'),
    services: z
      .union([z.null(), z.array(Service)])
      .optional()
      .describe('What the build image has to have running.'),
    'ssh-keys': z
      .union([z.null(), z.record(z.string().regex(SSH_KEY_NAME), Secure)])
      .optional()
      .describe('Keys for git in the steps.'),
    git: z.union([GitFormat, z.null()]).optional().describe('What the steps find of the history.'),
    events: z.union([EventsFormat, z.null()]).optional().describe('What is done, and when.'),
  })
  .describe('A build file of Wip.');

/** Keys of the established file format that ask for something this build tool does not do. */
export const UNUSED_TOP_KEYS: readonly string[] = ['cde-databases'];
/** The usual prefix for a key that only holds anchors for the rest of the file. */
export const ANCHOR_PREFIX = 'x-';

/** The keys of a mapping, in the order of the format. */
export function keysOf<Shape extends z.ZodRawShape>(format: z.ZodObject<Shape>): (keyof Shape & string)[] {
  return Object.keys(format.shape);
}

/** The JSON Schema for editors. */
export function buildFileSchema(): object {
  const schema = z.toJSONSchema(BuildFileFormat, { target: 'draft-7' });
  const unused = UNUSED_TOP_KEYS.map((key) => [key, { description: 'Known, but ignored.' }]);
  return {
    ...schema,
    title: 'Build file',
    properties: { ...schema.properties, ...Object.fromEntries(unused) },
    patternProperties: { [`^${ANCHOR_PREFIX}`]: { description: 'Holds anchors.' } },
  };
}
