import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextStepsText } from '../../../controlplane/cli/node/next-steps.ts';
import { Workplace } from '../../kit/programs/program.ts';

const URL = 'http://127.0.0.1:8397';
const COMMAND = 'npx wipctl run';

describe('the next command that "wipctl dev" prints', () => {
  let place: Workplace;
  beforeEach(() => {
    place = new Workplace();
  });
  afterEach(() => place.remove());

  /** Makes the files that a development system leaves in its directory. */
  function startIn(directory: string): string {
    const dataDirectory = place.path(directory);
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    writeFileSync(join(dataDirectory, 'dev.json'), JSON.stringify({ url: URL, token: 'the-token' }), { mode: 0o600 });
    writeFileSync(join(dataDirectory, 'token'), 'the-token', { mode: 0o600 });
    return dataDirectory;
  }
  const textOf = (dataDirectory: string, cwd = place.directory): string =>
    nextStepsText({ url: URL, dataDirectory, cwd, command: COMMAND });

  it('is the command alone where wipctl finds the system by itself', () => {
    const dataDirectory = startIn('.wip');
    mkdirSync(place.path('below'));
    const alone = `In another terminal, in this directory: ${COMMAND}\n`;
    expect(textOf(dataDirectory)).toBe(alone);
    expect(textOf(dataDirectory, place.path('below'))).toBe(alone);
  });

  it.each(['data', "it's data", 'elsewhere/.wip'])('comes after address and token with the data in %s', (directory) => {
    const lines = textOf(startIn(directory)).split('\n').slice(1, 3);
    const script = `${lines.join('\n')}\nprintf '%s %s' "$WIP_SERVER" "$WIP_TOKEN"`;
    expect(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout).toBe(`${URL} the-token`);
  });

  it('names the system that was started although another one is in this directory', () => {
    startIn('.wip');
    expect(textOf(startIn('data'))).toContain('export WIP_SERVER');
    writeFileSync(place.path('.wip/dev.json'), 'nonsense');
    expect(textOf(place.path('data'))).toContain('export WIP_SERVER');
  });
});
