import { describe, expect, it } from 'vitest';
import { decideLogin, type LoginRules } from '../../../agent/ssh/decide-login.ts';

const client = Buffer.from('client');
const developer = Buffer.from('developer');
const rules: LoginRules = { clientKeys: [client], developerKey: developer, workloadUser: 'local', isRoot: true };

describe('decideLogin', () => {
  it.each([
    ['root', 'root'],
    ['local', 'local'],
  ])('lets the client key in as %s', (name, user) => {
    expect(decideLogin(name, client, rules)).toEqual({ user, rights: 'client' });
  });

  it('takes root for the workload user when the agent is not root', () => {
    expect(decideLogin('root', client, { ...rules, isRoot: false })).toEqual({ user: 'local', rights: 'client' });
  });

  it('lets the developer key in as the workload user only', () => {
    expect(decideLogin('local', developer, rules)).toEqual({ user: 'local', rights: 'developer' });
    expect(decideLogin('root', developer, rules)).toBeUndefined();
    expect(decideLogin('root', developer, { ...rules, isRoot: false })).toBeUndefined();
  });

  it('lets nobody else in', () => {
    for (const name of ['root', 'local', 'nobody', '']) {
      expect(decideLogin(name, Buffer.from('stranger'), rules)).toBeUndefined();
      expect(decideLogin(name, Buffer.alloc(0), { ...rules, developerKey: undefined })).toBeUndefined();
    }
    expect(decideLogin('nobody', client, rules)).toBeUndefined();
  });

  it('gives a key that is both the rights of a client', () => {
    expect(decideLogin('local', client, { ...rules, developerKey: client })?.rights).toBe('client');
  });
});
