import { afterEach, expect, it } from 'vitest';
import { ModuleCode } from '../../../controlplane/cli/kinds/module-code.ts';
import { callWithin, CallTooLong } from '../../../controlplane/cli/call-within.ts';

const LIMIT_MS = 200;
const opened: ModuleCode[] = [];
afterEach(() => opened.splice(0).forEach((code) => code.close()));

function moduleCode(): ModuleCode {
  const code = new ModuleCode(undefined, LIMIT_MS);
  opened.push(code);
  return code;
}

it('an endless loop in getStateTable, in a constructor or in a getter is told with its class, and does not hold wipctl', () => {
  const read = (): unknown =>
    moduleCode().run('reading', 'Nap (./nap.mjs)', () => {
      for (;;);
    });
  expect(read).toThrow(
    'Nap (./nap.mjs) cannot be read: its code does not come to an end, and was stopped after 0.2 s. Look for an endless loop in',
  );
});

it('code of an author cannot end wipctl with process.exit(), neither while its module is loaded nor while it is read', async () => {
  const code = moduleCode();
  const { exit } = process;
  const refused = 'process.exit(0) was called, and would have ended wipctl';
  expect(() => code.run('reading', 'Nap', () => process.exit(0))).toThrow(refused);
  expect(process.exit).toBe(exit);

  const ready = Promise.withResolvers<void>();
  const loading = code.run('loading', './nap.mjs', async () => {
    await ready.promise;
    process.exit(0);
  });
  ready.resolve();
  await expect(loading).rejects.toThrow(refused);
  await loading.catch(() => undefined);
  expect(process.exit).toBe(exit);
});

it('a call that ends gives its value and its own error', () => {
  const error = new TypeError('no scanner');
  expect(callWithin(LIMIT_MS, () => [1])).toEqual([1]);
  expect(() =>
    callWithin(LIMIT_MS, () => {
      throw error;
    }),
  ).toThrow(error);
  expect(() =>
    callWithin(LIMIT_MS, () => {
      for (;;);
    }),
  ).toThrow(CallTooLong);
});
