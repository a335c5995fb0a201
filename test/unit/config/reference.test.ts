import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { CONTROL_PLANE_FIELDS } from '../../../controlplane/config-fields.ts';
import { loadConfig } from '../../../controlplane/config.ts';

const reference = readFileSync(new URL('../../../config/controlplane.yml', import.meta.url), 'utf8');

describe('config/controlplane.yml', () => {
  it('documents every setting in the words of the program, and none that there is not', () => {
    const documented = [...reference.matchAll(/^# (.+)\n#([a-z_]+):/gm)].map(([, sentence, key]) => [key, sentence]);
    expect(documented).toEqual(Object.entries(CONTROL_PLANE_FIELDS).map(([key, field]) => [key, field.description]));
  });

  it('says the defaults', () => {
    const uncommented = load(reference.replace(/^#([a-z_]+: .+)$/gm, '$1'));
    const defaults = loadConfig({ environment: {}, given: { node: 'n' } });
    expect(loadConfig({ environment: {}, given: { ...(uncommented as object), node: 'n' } })).toEqual(defaults);
  });
});
