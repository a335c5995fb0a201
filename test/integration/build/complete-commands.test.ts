import { describe, expect, it } from 'vitest';
import { findIncomplete } from '../../../agent/build/step/complete-commands.ts';

const PATH = process.env['PATH'] ?? '/usr/bin:/bin';

describe('findIncomplete', () => {
  it('is not stopped by a command of many variables', async () => {
    const variables = '$aaaaaaaaa'.repeat(80);
    const commands = [`echo ${variables}`, `echo ${variables}(`, `echo "${variables}`, `echo "${variables}"`];
    expect([...(await findIncomplete(commands, PATH))]).toEqual([1, 2]);
  });
});
