import { describe, expect, it } from 'vitest';
import type { ClusterView } from '../../../controlplane/api/clusters/cluster-views.ts';
import {
  clusterBodyOf,
  formOf,
  withoutSecrets,
  type ClusterForm,
} from '../../../controlplane/dashboard/clusters/cluster-form.ts';
import { fieldProblemAt, haveFields } from '../../../controlplane/dashboard/clusters/cluster-problems.ts';

const STORED: ClusterView = {
  ...{ name: 'spot', region: 'eu-central-1', cluster: 'builds', isActive: false, updatedAt: '2026-11-29T12:00:00Z' },
  ...{ accessKeyId: 'AKIA1', hasSecret: true, hasSessionToken: false, endpoint: null },
  ...{ roleArn: 'arn:aws:iam::123456789012:role/wip', externalId: 'wip', fallback: ['a', 'b'] },
  connection: { fips: true, proxy: 'http://proxy:3128', address: 'public' },
  launch: { type: 'ec2', placementConstraints: [{ type: 'memberOf', expression: 'a == b' }], subnets: ['s-1', 's-2'] },
};

/** The form of a new cluster with these texts. */
function typed(texts: Partial<ClusterForm['texts']>, rest: Partial<ClusterForm> = {}): ClusterForm {
  const empty = formOf(null);
  return { ...empty, ...rest, texts: { ...empty.texts, ...texts } };
}

describe('the form of a cluster', () => {
  it('saved as it was opened changes nothing, and holds no secret', () => {
    const {
      name: _name,
      isActive: _active,
      updatedAt: _at,
      hasSecret: _has,
      hasSessionToken: _token,
      ...plain
    } = STORED;
    const { endpoint: _endpoint, ...sent } = plain;
    expect(clusterBodyOf(formOf(STORED))).toEqual(sent);
  });

  it('keeps a strategy of capacity providers with its weights, in whatever order the database has their parts', () => {
    const providers = [
      { base: 1, name: 'p', weight: 2 },
      { weight: 3, base: 0, name: 'q' },
    ];
    const launch = { type: 'capacity-providers', providers, assignPublicIp: true };
    const form = formOf({ ...STORED, launch });
    expect(form.texts['launch.providers']).toBe('p 2 1\nq 3 0');
    expect(clusterBodyOf(form).launch).toEqual(launch);
  });

  it('sends what is no number as it was typed, so that the server says so', () => {
    const texts = { 'launch.providers': 'FARGATE one\n\nFARGATE_SPOT 4 -1' };
    expect(clusterBodyOf(typed(texts, { launchType: 'capacity-providers' })).launch['providers']).toEqual([
      { name: 'FARGATE', weight: 'one' },
      { name: 'FARGATE_SPOT', weight: 4, base: -1 },
    ]);
  });

  it('sends nothing of a choice that was left', () => {
    const texts = { accessKeyId: 'AKIA1', secretAccessKey: 'x', 'launch.platformVersion': '1.4.0' };
    const body = clusterBodyOf(typed(texts));
    expect(body).toEqual({ region: '', cluster: '', fallback: [], connection: {}, launch: { type: 'ec2' } });
    expect(clusterBodyOf(typed(texts, { credentials: 'key' }))).toMatchObject({
      accessKeyId: 'AKIA1',
      secretAccessKey: 'x',
    });
  });

  it('forgets typed secrets and nothing else', () => {
    const form = typed({ name: 'a', secretAccessKey: 'x', sessionToken: 'y' });
    expect(withoutSecrets(form)).toEqual(typed({ name: 'a' }));
  });
});

describe('what a server said against a form', () => {
  const said = [
    { path: 'region', message: 'must have at least 1 characters' },
    { path: 'launch.providers.1.weight', message: 'must be a number' },
    { path: 'launch.subnets', message: 'Fargate needs at least one subnet' },
  ];

  it('stands at its field as a sentence', () => {
    expect(fieldProblemAt(said, 'region')).toBe('It must have at least 1 characters.');
    expect(fieldProblemAt(said, 'launch.providers')).toBe('Entry 2, weight: must be a number.');
    expect(fieldProblemAt(said, 'launch.subnets')).toBe('Fargate needs at least one subnet.');
    expect(fieldProblemAt(said, 'launch.security')).toBeNull();
  });

  it('is said in whole below the form when a field is not on the screen', () => {
    expect(haveFields(said, ['region', 'launch.providers', 'launch.subnets'])).toBe(true);
    expect(haveFields(said, ['region', 'launch.subnets'])).toBe(false);
  });
});
