import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkUnchanged, findProgram } from '../../../agent/build/trusted-program.ts';
import { BuildPlace } from '../../kit/builds/build-place.ts';

let place: BuildPlace;
beforeEach(() => void (place = new BuildPlace()));
afterEach(() => place.remove());

function writeProgram(name: string, text: string): void {
  place.write({ [`own/${name}`]: `#!/bin/sh\n${text}\n` });
  chmodSync(place.path('own', name), 0o755);
}

describe('the program that an artefact is pushed with', () => {
  it('is that of the system, also when the PATH has another one first', () => {
    writeProgram('git', 'exit 0');
    expect(findProgram('git', `${place.path('own')}:${process.env['PATH']}`)?.path).not.toContain(place.directory);
  });

  it('may be one of the PATH where the system has none, as long as no step changes it', () => {
    expect(findProgram('only-here', place.path('own'))).toBe(null);
    writeProgram('only-here', 'exit 0');
    const program = findProgram('only-here', `relative:${place.path('own')}`);
    expect(program?.path).toBe(place.path('own', 'only-here'));
    expect(() => checkUnchanged(program!)).not.toThrow();
    writeProgram('only-here', 'exit 1');
    expect(() => checkUnchanged(program!)).toThrow(
      /only-here was changed during the build, so the artefact is not pushed/,
    );
  });
});
