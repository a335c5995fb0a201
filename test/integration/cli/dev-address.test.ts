import { expect, it } from 'vitest';
import { findDevFile } from '../../../controlplane/cli/client/dev-file.ts';
import { Workplace } from '../../kit/programs/program.ts';
import { startSystem } from '../../kit/builds/watched-build.ts';

it.each(['0.0.0.0', '::'])(
  'a command finds "wipctl dev" that listens on %s and has a public address, in the dev.json of it',
  async (host) => {
    const place = new Workplace();
    const settings = { host, public_url: 'http://vm.example:8471', allow_http: true } as const;
    const system = await startSystem(place, settings);
    try {
      const { found, passedOver } = findDevFile(place.directory);
      expect(passedOver).toEqual([]);
      expect(found?.url).toMatch(/^http:\/\/(127\.0\.0\.1|\[::1\]):\d+$/);
      expect([system.url, system.address]).toEqual(['http://vm.example:8471', found?.url]);
      const headers = { authorization: `Bearer ${found?.token}` };
      expect((await fetch(`${found?.url}/v1/ping`, { headers })).status).toBe(200);
    } finally {
      await system.close();
      await place.remove();
    }
  },
);
