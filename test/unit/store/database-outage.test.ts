import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { DatabaseOutage } from '../../../controlplane/store/database-outage.ts';
import { RecordingLog } from '../../kit/recording-log.ts';

function begin() {
  const log = new RecordingLog();
  const time = { ms: 0 };
  const outage = new DatabaseOutage(log, { monotonicMs: () => time.ms });
  const said = (): string[] => log.entries.map(({ level, message }) => `${level}: ${message}`);
  return { outage, said, time };
}

function failure(code: string): Error {
  return Object.assign(new pg.DatabaseError('it fails', 1, 'error'), { code });
}

const FULL = 'the disk of the database is full';
const AWAY = 'the database cannot be reached';

describe('the 90 warnings of a node whose disk is full', () => {
  it('are one when it begins and one line when it is over', () => {
    const { outage, said, time } = begin();
    for (let second = 0; second < 73; second += 1) {
      time.ms = second * 1_000;
      expect(outage.note(failure('53100'), 'a step')).toBe(true);
      outage.answered(); // Some statements need no new block.
      expect(outage.words()?.reason).toBe(FULL);
    }
    expect(said()).toEqual([`warn: ${FULL}; tasks wait until that has passed`]);
    time.ms += 15_000;
    outage.answered();
    outage.answered();
    expect(outage.words()).toBeNull();
    expect(said().slice(1)).toEqual(['info: the database works again']);
  });

  it('say when it becomes another trouble, and begin anew with the next one', () => {
    const { outage, said, time } = begin();
    outage.note(failure('53100'), 'a step');
    outage.noteConnection(new Error('connect ECONNREFUSED'), 'listening for wakes');
    outage.note(failure('57P03'), 'claiming');
    expect(outage.words()?.reason).toBe(AWAY);
    time.ms += 60_000;
    outage.answered();
    outage.note(failure('57P01'), 'claiming');
    outage.answered();
    const over = 'info: the database works again';
    const warned = (what: string): string => `warn: ${what}; tasks wait until that has passed`;
    expect(said()).toEqual([warned(FULL), warned(AWAY), over, warned(AWAY), over]);
  });

  it('are none when it was not the database that failed', () => {
    const { outage, said } = begin();
    expect(outage.note(new TypeError('a bug'), 'a step')).toBe(false);
    expect(outage.note(failure('23505'), 'a step')).toBe(false);
    outage.answered();
    expect([said(), outage.words()]).toEqual([[], null]);
  });

  it('say what an operator has to correct, and are no fault of the node', () => {
    const { outage, said, time } = begin();
    const reasons: Record<string, string> = {
      '25006': 'the database is read-only',
      '28P01': 'the database refuses what this node needs',
      '3D000': 'the database refuses what this node needs',
      '42501': 'the database refuses what this node needs',
      '25P03': 'a time limit of the database ends statements',
      '55P03': 'a time limit of the database ends statements',
      '57014': 'a time limit of the database ends statements',
      '53300': 'the database has no connection left for this node',
      '42P01': 'the database lacks tables of Wip',
      '42703': 'the database lacks tables of Wip',
    };
    for (const [code, reason] of Object.entries(reasons)) {
      expect(outage.noteRequest(failure(code)), code).toBe(reason);
      expect(outage.words()?.reason).toBe(reason);
      time.ms += 15_000;
      outage.answered();
    }
    expect(said()).toHaveLength(2 * Object.keys(reasons).length);
    expect(outage.noteRequest(failure('23505'))).toBeNull();
  });
});
