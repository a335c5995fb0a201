import { describe, expect, it } from 'vitest';
import { parseStat, readProcTable } from '../../../shared/system/proc-table.ts';

describe('/proc', () => {
  it('is parsed for names with blanks and parentheses', () => {
    const fields = [
      'S',
      '7',
      '42',
      '42',
      ...Array<string>(7).fill('0'),
      '10',
      '20',
      '3',
      '4',
      '20',
      '0',
      '1',
      '0',
      '999',
      '1',
      '55',
    ];
    expect(parseStat(`42 (a) b (c)) ${fields.join(' ')} 0\n`)).toEqual({
      pid: 42,
      parentPid: 7,
      groupId: 42,
      sessionId: 42,
      startTicks: 999,
      cpuTicks: 37,
      waitedTicks: 7,
      residentPages: 55,
      isZombie: false,
    });
    expect(parseStat('garbage')).toBeUndefined();
  });

  it('has this very process', () => {
    const self = readProcTable().find((entry) => entry.pid === process.pid);
    expect(self).toMatchObject({ parentPid: process.ppid, isZombie: false });
  });
});
