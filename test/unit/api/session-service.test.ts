import { describe, expect, it } from 'vitest';
import { createSessionService, SESSION_SECONDS } from '../../../controlplane/api/sessions/session-service.ts';
import { createSealer } from '../../../shared/keys/sealing.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { systemClock } from '../../../shared/time/clock.ts';

/** Sessions of a node `afterSeconds` later, with a master key of this byte. */
function sessionsOf({ afterSeconds = 0, key = 7 } = {}): ReturnType<typeof createSessionService> {
  return createSessionService({
    sealer: createSealer(new Secret(Buffer.alloc(32, key))),
    clock: { ...systemClock, now: () => new Date(1_800_000_000_000 + afterSeconds * 1000) },
    loopbackToken: null,
    publicUrl: () => 'http://127.0.0.1',
  });
}

const cookie = sessionsOf().sealSession('wip_secret');

describe('createSessionService', () => {
  it('opens at any node of the installation what one of them sealed', () => {
    expect(sessionsOf().openSession(cookie)?.token).toBe('wip_secret');
  });

  it('ends a session after a week', () => {
    expect(sessionsOf({ afterSeconds: SESSION_SECONDS - 1 }).openSession(cookie)).not.toBeNull();
    expect(sessionsOf({ afterSeconds: SESSION_SECONDS }).openSession(cookie)).toBeNull();
  });

  it('opens nothing of another installation, nothing that was changed, and nothing that was made up', () => {
    expect(sessionsOf({ key: 8 }).openSession(cookie)).toBeNull();
    // Not the last characters, some of whose bits may mean nothing.
    const [kept, changed] = [cookie.slice(0, -9), cookie.at(-9) === 'A' ? 'B' : 'A'];
    expect(sessionsOf().openSession(`${kept}${changed}${cookie.slice(-8)}`)).toBeNull();
    for (const made of ['', 'wip_secret', 'wip1.0.0.0', cookie.replace('wip1', 'wip2')]) {
      expect(sessionsOf().openSession(made), made).toBeNull();
    }
  });

  it('gives each session a CSRF token of its own, which the token does not tell', () => {
    const tokens = [cookie, sessionsOf().sealSession('wip_secret')].map(
      (one) => sessionsOf().openSession(one)?.csrfToken,
    );
    expect(new Set(tokens).size).toBe(2);
    expect(tokens[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});
