import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { EcsAccess } from './local-ecs.ts';

/** Why tests with the stock `aws` client are skipped, as `lacking` wants it. */
export const hasAwsClient = spawnSync('aws', ['--version']).status === 0;

export interface AwsOutcome {
  readonly exitCode: number;
  /** The answer as the client prints it; null when it prints none. */
  readonly answer: Readonly<Record<string, unknown>> | null;
  readonly stderr: string;
}

/** Runs `aws ecs …` against a local ECS. */
export async function aws({ endpoint, accessKey }: EcsAccess, ...args: readonly string[]): Promise<AwsOutcome> {
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: accessKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: accessKey.secretAccessKey.reveal(),
    AWS_DEFAULT_REGION: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  };
  const words = ['--endpoint-url', endpoint, '--output', 'json', 'ecs', ...args];
  try {
    const { stdout, stderr } = await promisify(execFile)('aws', words, { env });
    return { exitCode: 0, answer: stdout === '' ? null : (JSON.parse(stdout) as Record<string, unknown>), stderr };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { exitCode: code, answer: null, stderr };
  }
}

type Shape =
  | {
      readonly type: 'structure';
      readonly members: Readonly<Record<string, { readonly shape: string }>>;
      readonly required?: readonly string[];
    }
  | { readonly type: 'list'; readonly member: { readonly shape: string } }
  | { readonly type: 'map'; readonly value: { readonly shape: string } }
  | { readonly type: 'string'; readonly enum?: readonly string[] }
  | { readonly type: 'integer' | 'long' | 'double' | 'float' | 'timestamp' | 'boolean' | 'blob' };

interface ServiceModel {
  readonly operations: Readonly<Record<string, { readonly output?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const FIND_MODEL = `
import glob, importlib.util, os
for name in ('awscli.botocore', 'botocore'):
    try: spec = importlib.util.find_spec(name)
    except ImportError: spec = None
    if spec:
        print(sorted(glob.glob(os.path.join(os.path.dirname(spec.origin), 'data/ecs/*/service-2.json*')))[-1])
        break
`;

/** Reads the service model of ECS that comes with the client. */
export function readServiceModel(): ServiceModel {
  for (const python of ['python3', '/usr/bin/python3']) {
    const file = spawnSync(python, ['-c', FIND_MODEL], { encoding: 'utf8' }).stdout?.trim();
    if (!file) continue;
    const bytes = readFileSync(file);
    return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as ServiceModel;
  }
  throw new Error('no Python here has the service model of the aws client');
}

/** Returns what in an answer is not as the model has it: unknown members, other types, values of no enumeration. */
export function findModelFaults(model: ServiceModel, operation: string, answer: unknown): readonly string[] {
  const output = model.operations[operation]?.output;
  if (!output) throw new Error(`the model has no answer of ${operation}`);
  return shapeFaults(model, output.shape, answer, operation);
}

function shapeFaults(model: ServiceModel, name: string, value: unknown, path: string): readonly string[] {
  const shape = model.shapes[name]!;
  const fault = (what: string): readonly string[] => [`${path} is ${JSON.stringify(value)} and not ${what}`];
  switch (shape.type) {
    case 'structure': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return fault('a structure');
      const lacks = (shape.required ?? []).filter((member) => !(member in value));
      return [
        ...lacks.map((member) => `${path} lacks ${member}`),
        ...Object.entries(value).flatMap(([member, each]) => {
          const inner = shape.members[member];
          return inner
            ? shapeFaults(model, inner.shape, each, `${path}.${member}`)
            : [`${path} has no member ${member}`];
        }),
      ];
    }
    case 'list':
      if (!Array.isArray(value)) return fault('a list');
      return value.flatMap((each, at) => shapeFaults(model, shape.member.shape, each, `${path}[${at}]`));
    case 'map':
      if (typeof value !== 'object' || value === null) return fault('a map');
      return Object.entries(value).flatMap(([key, each]) =>
        shapeFaults(model, shape.value.shape, each, `${path}.${key}`),
      );
    case 'string':
      if (typeof value !== 'string') return fault('a string');
      return shape.enum && !shape.enum.includes(value) ? fault(`one of ${shape.enum.join(', ')}`) : [];
    case 'boolean':
      return typeof value === 'boolean' ? [] : fault('a boolean');
    case 'integer':
    case 'long':
      return Number.isInteger(value) ? [] : fault('an integer');
    default:
      return typeof value === 'number' ? [] : fault(`a ${shape.type}`);
  }
}
