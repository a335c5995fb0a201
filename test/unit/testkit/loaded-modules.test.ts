import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const LIST_MODULES = `
import { registerHooks } from 'node:module';
const urls = [];
registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
await import(process.argv[1]);
console.log(JSON.stringify(urls));
`;

/** Returns the packages and the rooms that an import loads, in a process of its own. */
function loadedBy(file: string): string[] {
  const path = resolve(import.meta.dirname, '../../testkit', file);
  const listed = execFileSync(process.execPath, ['--input-type=module', '--eval', LIST_MODULES, path], {
    encoding: 'utf8',
  });
  return (JSON.parse(listed) as string[]).map((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? url);
}

it('simulated tasks load no test runner, no database, no docker, no SSH and nothing of AWS', () => {
  const loaded = loadedBy('simulate-task.ts');
  expect(loaded).toContain('zod');
  const packages = [...new Set(loaded.filter((name) => !/^(file|node):/.test(name)))];
  expect(packages).toEqual(['zod']);
  expect(loaded.filter((url) => /controlplane\/(postgres|ssh|localecs|cli)\//.test(url))).toEqual([]);
});
