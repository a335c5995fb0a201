// No explanation of a node's settings shows a secret: neither the routes of the API, nor "wipctl config".
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONTROL_PLANE_FIELDS } from '../../../controlplane/config-fields.ts';
import { inspectConfig, type LoadConfigOptions } from '../../../controlplane/config.ts';
import { explainConfig } from '../../../controlplane/explain-config.ts';

const PLANTED = 'plantedvalue';
const FIELDS = Object.entries(CONTROL_PLANE_FIELDS);
const TEXTS = FIELDS.filter(([, field]) => field.safeParse(PLANTED).success).map(([name]) => name);

/** Settings whose text everybody may see who may see settings. A new one is a secret, or gets its place here. */
const OPEN = [
  ...['data_dir', 'host', 'allowed_hosts', 'node', 'no_proxy', 'ecs_config', 'site_config', 'site', 'env'],
  ...['build_tool', 'repository_hosts', 'outgoing_hosts'],
  ...['master_key_file', 'master_keys_old_file', 'admin_token_file', 'hooks_file'],
];

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'wip-config-'))));
afterEach(() => rmSync(directory, { recursive: true }));

/** What is shown of a setting that the file and a variable give. */
function shownOfBoth(name: string, value: string): string {
  const file = join(directory, 'controlplane.yml');
  writeFileSync(file, `${name}: ${JSON.stringify(value)}\n`);
  const options: LoadConfigOptions = { file, environment: { [`WIP_${name.toUpperCase()}`]: value } };
  const settings = explainConfig(options, inspectConfig(options).config).filter(({ path }) => path === name);
  expect(settings).toMatchObject([{ path: name, covers: [{}] }]);
  return JSON.stringify(settings);
}

describe('a setting that holds a secret', () => {
  it('is known by its definition: every text that is not listed as open is hidden', () => {
    const shown = TEXTS.filter((name) => shownOfBoth(name, PLANTED).includes(PLANTED));
    expect(shown.toSorted()).toEqual(OPEN.toSorted());
  });

  it('"wipctl config explain" and GET /v1/config do not show the webhook secret of the setting hooks', () => {
    const hooks = `github:\n  - repository: a/b\n    secret: ${PLANTED}\n    status: { token: ${PLANTED} }\n`;
    expect(shownOfBoth('hooks', hooks)).not.toContain(PLANTED);
  });
});
