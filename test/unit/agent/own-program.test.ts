import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOwnProgram, ownScript } from '../../../agent/process/own-program.ts';

describe("the agent's own program, by the name that a build calls", () => {
  let place: string;
  beforeEach(() => void (place = mkdtempSync(join(tmpdir(), 'wip-own-'))));
  afterEach(() => rmSync(place, { recursive: true }));

  function plant(directory: string, text: string, mode = 0o755): string {
    mkdirSync(join(place, directory), { recursive: true });
    writeFileSync(join(place, directory, 'wip-agent'), text);
    chmodSync(join(place, directory, 'wip-agent'), mode);
    return join(place, directory);
  }
  const isOwn = (path: string, selfCommand: readonly string[], name = 'wip-agent'): boolean =>
    isOwnProgram(name, { path, cwd: place }, selfCommand);

  it('is the file that runs, by its name, by its path, and through a link', () => {
    const bin = plant('bin', 'the binary');
    mkdirSync(join(place, 'links'));
    symlinkSync(join(bin, 'wip-agent'), join(place, 'links', 'wip-agent'));
    const self = [join(bin, 'wip-agent')];
    expect(isOwn(`/nowhere:${bin}`, self)).toBe(true);
    expect(isOwn(join(place, 'links'), self)).toBe(true);
    expect(isOwn('/nowhere', self, join(bin, 'wip-agent'))).toBe(true);
    expect(isOwn('bin', self)).toBe(true);
  });

  it('is the script that starts it where there is no container', () => {
    const self = ['/usr/bin/node', "/it's here/main.ts"];
    expect(isOwn(plant('bin', ownScript(self)), self)).toBe(true);
    expect(isOwn(plant('bin', ownScript(['/usr/bin/node', '/elsewhere/main.ts'])), self)).toBe(false);
  });

  it('is not what the PATH of the build finds before it', () => {
    const bin = plant('bin', 'the binary');
    const other = plant('other', '#!/bin/sh\necho another\n');
    const self = [join(bin, 'wip-agent')];
    expect(isOwn(`${other}:${bin}`, self)).toBe(false);
    chmodSync(join(other, 'wip-agent'), 0o644);
    expect(isOwn(`${other}:${bin}`, self)).toBe(true);
    expect(isOwn('/nowhere', self)).toBe(false);
  });
});
