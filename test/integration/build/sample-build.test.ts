import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseBuildFile } from '../../../agent/build/file/build-file.ts';
import { BuildPlace } from '../../kit/builds/build-place.ts';

const SAMPLE = join(import.meta.dirname, '../../../config/sample-build');

let place: BuildPlace;
beforeEach(() => {
  place = new BuildPlace();
  cpSync(SAMPLE, place.path('source'), { recursive: true });
});
afterEach(() => place.remove());

describe('the sample build', () => {
  it('builds, tests and deploys with bash and git only', async () => {
    place.repository('source', {});
    place.bareRepository('deploy.git');
    const common = ['--source-path', 'main', '--workspace', 'workspace'];
    expect(await place.build(['export', '--source-uri', 'source', ...common])).toMatchObject({ exitCode: 0 });
    const outcome = await place.build(['run', ...common, '--deploy-uri', 'deploy.git']);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).not.toContain('not ok');
    const made = place.git('deploy.git', 'ls-tree', '--name-only', 'pipelines-build-main:public');
    expect(made.split('\n')).toEqual(['about.html', 'contact.html', 'index.html', 'site.css']);
  });

  it('has a failing scenario that ends with its own exit code and tells', async () => {
    const outcome = await place.run(readFileSync(join(SAMPLE, 'scenarios', 'fail.yaml'), 'utf8'));
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toMatch(/The step "test" failed in line 16 of acquia-pipelines\.yaml, exit code 3/);
    expect(outcome.stdout).toContain('The tests failed; nothing is deployed.');
  });

  it.each(readdirSync(join(SAMPLE, 'scenarios')))('has a valid scenario %s', (name) => {
    const { file, warnings } = parseBuildFile(readFileSync(join(SAMPLE, 'scenarios', name), 'utf8'), name);
    expect(warnings).toEqual([]);
    expect(file.events.build?.steps.length).toBeGreaterThan(1);
  });
});
