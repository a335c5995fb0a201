import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { optionContext } from '../../../controlplane/store/secrets/seal-contexts.ts';
import { prepareTask } from '../../../controlplane/engine/prepare-task.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { taskFacts } from '../../../controlplane/api/tasks/task-facts.ts';
import type { TaskRow } from '../../../controlplane/store/schema.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { TEST_SETTINGS } from '../../kit/engine.ts';
import { createSealer, openSealed } from '../../../shared/keys/sealing.ts';

const masterKey = randomBytes(32);
const deps = {
  kinds: new Map(SHIPPED_KINDS.map((kind) => [kind.kind, kind])),
  masterKey: new Secret(masterKey),
  sealer: createSealer(new Secret(masterKey)),
  settings: TEST_SETTINGS,
  maxRunSeconds: 60,
};

/** Everything that people hand over in confidence, with a value of its own each. */
const CONFIDENTIAL = {
  authToken: 'canary-of-authToken',
  pipelineApiKey: 'canary-of-pipelineApiKey',
  pipelineApiSecret: Buffer.from('canary-of-pipelineApiSecret').toString('base64'),
  applicationPrivateKey: 'canary-of-applicationPrivateKey',
  sourcePrivateKey: 'canary-of-sourcePrivateKey',
  deployPrivateKey: 'canary-of-deployPrivateKey',
  environmentVariables: { NPM_TOKEN: 'canary-of-environmentVariables' },
};
const PLAIN = { vcsPath: 'main', sourceVcsUri: 'https://example.org/app.git' };

describe('the secret options of a build', () => {
  const task = prepareTask(deps, { kind: 'BuildSteps', options: { ...PLAIN, ...CONFIDENTIAL } });

  it.each(Object.entries(CONFIDENTIAL))('a copy of the database does not show %s', (_name, value) => {
    const [text = ''] = typeof value === 'string' ? [value] : Object.values(value);
    expect(JSON.stringify({ ...PLAIN, ...CONFIDENTIAL })).toContain(text);
    expect(JSON.stringify(task)).not.toContain(text);
  });

  it.each(Object.entries(CONFIDENTIAL))('%s opens again with the master key, for its task only', (name, value) => {
    const sealed = String(task.options[name]);
    expect(JSON.parse(openSealed(deps.masterKey, sealed, optionContext(task.uuid ?? '', name)))).toEqual(value);
    expect(() => openSealed(deps.masterKey, sealed, optionContext('another task', name))).toThrow(/cannot be opened/);
  });

  it('are [secure] in the answers of the API, whatever stands in the row', () => {
    const sealed = SHIPPED_KINDS.find(({ kind }) => kind === 'BuildSteps')?.options.sealed ?? [];
    // Nothing else of the row is looked at here.
    const row = {
      options: { ...PLAIN, ...CONFIDENTIAL },
      status: 0,
      exitStatus: 0,
      createdAt: new Date(),
      wakeAt: new Date(),
      terminateRequestedAt: null,
      completedAt: null,
      startedAt: null,
      currentAttempt: null,
      memory: {},
      createdBy: null,
      clientJobId: null,
    } as unknown as TaskRow;
    const { options } = taskFacts(row, {
      attempts: [],
      usage: [],
      omitted: { gaps: 0, trimmed: 0 },
      verdicts: new Map(),
      sizes: new Map(),
      waiting: null,
      progress: undefined,
      blocks: undefined,
      usualSeconds: null,
      usual: null,
      terminateRequest: null,
      commits: { builtCommit: null, artefactCommit: null },
      sealed,
    });
    const secure = Object.fromEntries(Object.keys(CONFIDENTIAL).map((name) => [name, '[secure]']));
    expect(options).toEqual({ ...PLAIN, ...secure });
  });
});

describe('every shipped kind', () => {
  it('seals each option whose name says that it is a secret', () => {
    const confidential = /key|token|secret|password|passphrase|credential|environment/i;
    for (const { kind, options } of SHIPPED_KINDS) {
      if (!('shape' in options.schema)) throw new Error(`the options of ${kind} cannot be listed`);
      const names = Object.keys(options.schema.shape as object);
      expect([...options.sealed].sort(), kind).toEqual(names.filter((name) => confidential.test(name)).sort());
    }
  });
});
