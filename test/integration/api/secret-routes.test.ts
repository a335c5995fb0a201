import { describe, expect, it } from 'vitest';
import { RotationAnswer, SecretsView } from '../../../controlplane/api/secrets/secret-views.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();

describe('secrets', () => {
  it('say to administrators which master keys seal what', async () => {
    const answer = await http.call('admin', 'GET /v1/secrets');
    expect(SecretsView.parse(answer.json())).toEqual(http.services.secrets);
  });

  it.each(['GET /v1/secrets', 'POST /v1/secrets/rotate'])('are nothing for an operator: %s', async (route) => {
    expect(await http.refusal('operator', route, { to: '0000000a' })).toEqual([403, 'FORBIDDEN']);
  });

  it('are rotated to the key that is named', async () => {
    const answer = await http.call('admin', 'POST /v1/secrets/rotate', { to: '0000000a' });
    expect(RotationAnswer.parse(answer.json())).toMatchObject({ isDone: true, rewrapped: 0 });
    expect(http.services.rotatedTo).toEqual(['0000000a']);
  });

  it('are not rotated to a key that a node lacks', async () => {
    const body = { to: '0000000b' };
    expect(await http.refusal('admin', 'POST /v1/secrets/rotate', body)).toEqual([409, 'MASTER_KEY_NOT_EVERYWHERE']);
  });

  it.each([{}, { to: 'the key itself' }, { to: '0000000a', from: 'x' }])('refuse %j', async (body) => {
    expect(await http.refusal('admin', 'POST /v1/secrets/rotate', body)).toEqual([422, 'REQUEST_INVALID']);
    expect(http.services.rotatedTo).toEqual([]);
  });
});
