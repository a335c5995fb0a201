import { describe, expect, it } from 'vitest';
import { createLogDestination } from '../../../controlplane/cli/node/log-destination.ts';

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A file with room for so many bytes more, which it takes at most four at a time. */
function fileWithRoom(room: number, code = 'ENOSPC') {
  const file = { room, text: '', pauses: 0, lost: [] as number[] };
  const log = createLogDestination({
    write: (bytes) => {
      const taken = Math.min(4, bytes.length, file.room);
      if (taken === 0) throw failure(code);
      file.room -= taken;
      file.text += Buffer.from(bytes).toString('utf8', 0, taken);
      return taken;
    },
    pause: () => void (file.pauses += 1),
    onLost: (lines) => file.lost.push(lines),
  });
  return { file, log };
}

describe('the log of a node', () => {
  it('is written piece by piece where not all of it fits at once', () => {
    const { file, log } = fileWithRoom(1_000);
    log.write('one line\n');
    log.write('another\n');
    expect(file).toMatchObject({ text: 'one line\nanother\n', lost: [], pauses: 0 });
  });

  it('on a full disk loses lines, and says how many once there is room', () => {
    const { file, log } = fileWithRoom(0);
    for (let line = 0; line < 3; line += 1) log.write(`${line}\n`);
    file.room = 1_000;
    log.write('again\n');
    log.write('more\n');
    expect(file).toMatchObject({ text: 'again\nmore\n', lost: [3], pauses: 0 });
  });

  it('begins a new line after one that was cut off', () => {
    const { file, log } = fileWithRoom(5);
    log.write('{"cut":"off"}\n');
    log.write('{"lost":1}\n');
    file.room = 1_000;
    log.write('{"whole":1}\n');
    expect(file).toMatchObject({ text: '{"cut\n{"whole":1}\n', lost: [2] });
  });

  it('waits for a reader that is behind, and for one that hangs only once', () => {
    const { file, log } = fileWithRoom(0, 'EAGAIN');
    log.write('a\n');
    const waited = file.pauses;
    expect(waited).toBeGreaterThan(0);
    log.write('b\n');
    expect(file.pauses).toBe(waited);
    file.room = 1_000;
    log.write('c\n');
    expect(file).toMatchObject({ text: 'c\n', lost: [2] });
  });
});
