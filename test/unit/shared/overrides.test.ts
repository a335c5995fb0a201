import { describe, expect, it } from 'vitest';
import { buildEnvironment, checkOverride, checkOverridesSize } from '../../../shared/protocol/overrides.ts';

describe('container overrides', () => {
  it.each([
    ['1A', 'x', /not a name/],
    ['A-B', 'x', /not a name/],
    ['SIGNAL_URL', 'x', /reserved/],
    ['WIP_ENROL', 'x', /reserved/],
    ['WORKLOAD_MAX_TIME', 'x', /reserved/],
    ['EMPTY', '', /"EMPTY" has no value/],
    ['NUL', 'a\0b', /NUL/],
  ])('%s=%j is refused by name', (key, value, message) => {
    expect(() => checkOverride({ key, value, secure: false })).toThrow(message);
  });

  it('"0" is a value like any other', () => {
    expect(() => checkOverride({ key: '_ZERO', value: '0', secure: false })).not.toThrow();
  });

  it('names the three biggest when there are too many characters for ECS', () => {
    const environment = [10, 9_000, 30, 20].map((length, index) => ({ name: `V${index}`, value: 'x'.repeat(length) }));
    expect(() => checkOverridesSize(JSON.stringify(environment), environment)).toThrow(
      /V1 \(9000\), V2 \(30\), V3 \(20\)/,
    );
  });

  it('reach the build when the control plane listed them, and what is the agent’s never does', () => {
    const environment = {
      PATH: '/bin',
      HOME: '/root',
      GREETING: 'hello',
      WIP_ENROL: 'token',
      SIGNAL_USER: 'user:secret',
      WORKLOAD_MAX_TIME: '60',
      WIP_BUILD_ENV: 'GREETING,MISSING,SIGNAL_USER,WIP_ENROL',
    };
    expect(buildEnvironment(environment)).toEqual({ GREETING: 'hello', WORKLOAD_MAX_TIME: '60' });
  });
});
