import { expect, it } from 'vitest';
import { listenFailure } from '../../../shared/http/listen-failure.ts';

const WANTED = {
  who: 'The control plane',
  host: '127.0.0.1',
  port: 443,
  hostOption: 'host or WIP_HOST',
  portOption: 'port or WIP_PORT',
};
const failure = (code: string): unknown => listenFailure(WANTED, Object.assign(new Error(code), { code }));

it('a port that an ordinary user may not open has a remedy of its own: there is no program to stop', () => {
  expect(failure('EACCES')).toMatchObject({
    code: 'CONFIG_INVALID',
    message:
      'The control plane cannot listen on 127.0.0.1:443: this user may not open that port. Choose a port from 1024 on with port or ' +
      'WIP_PORT, or let this user open it (on Linux with the capability CAP_NET_BIND_SERVICE).',
  });
});

it('a port that another program has is in use', () => {
  expect(failure('EADDRINUSE')).toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining('another program does. Stop that program, or choose another port with port or'),
  });
});

it('another failure is returned as it is', () => {
  expect(failure('EMFILE')).toMatchObject({ code: 'EMFILE' });
});
