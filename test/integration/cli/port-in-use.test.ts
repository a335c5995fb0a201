import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WIPCTL } from '../../kit/programs/dev-system.ts';
import { Program, Workplace } from '../../kit/programs/program.ts';

let place: Workplace;
const holder = createServer();
beforeEach(async () => {
  place = new Workplace();
  await once(holder.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  await once(holder.close(), 'close');
  await place.remove();
});

it('a port in use is told before a database is made', async () => {
  const { port } = holder.address() as AddressInfo;
  const { code, err } = await Program.start(WIPCTL, ['dev', '--port', String(port)], { cwd: place.directory }).ended;
  expect([code, err]).toEqual([
    69,
    `wipctl: The control plane cannot listen on 127.0.0.1:${port}: another program does. Stop that program, or choose ` +
      'another port with the setting port, WIP_PORT, or --port of "wipctl dev" (0 takes a free one). [PORT_IN_USE]\n',
  ]);
  expect(readdirSync(place.path('.wip'))).toEqual(['token']);
});

it.each(['192.0.2.1', 'nope nope', 'nobody.invalid'])(
  'an address that is none of this machine is no bug of wipctl: %s',
  async (host) => {
    const environment = { WIP_HOST: host };
    const started = Program.start(WIPCTL, ['dev', '--port', '8090'], { cwd: place.directory, environment });
    const ecs = Program.start(WIPCTL, ['ecs', 'local', '--port', '0', '--host', host], { cwd: place.directory });
    for (const { code, err } of [await started.ended, await ecs.ended]) {
      expect([code, err]).toEqual([2, expect.stringMatching(/ cannot listen on .*\[CONFIG_INVALID\]\n$/)]);
    }
  },
);
