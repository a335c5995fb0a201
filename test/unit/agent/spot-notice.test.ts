import { describe, expect, it } from 'vitest';
import { metadataEndpoint, spotGraceMs } from '../../../agent/monitor/spot-notice.ts';

describe('the metadata service', () => {
  it.each([
    [
      'of a task on EC2 is at the address of every instance',
      { AWS_EXECUTION_ENV: 'AWS_ECS_EC2' },
      'http://169.254.169.254',
    ],
    [
      'may be elsewhere',
      { AWS_EXECUTION_ENV: 'AWS_ECS_EC2', AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9' },
      'http://127.0.0.1:9',
    ],
    ['may be switched off', { AWS_EXECUTION_ENV: 'AWS_ECS_EC2', AWS_EC2_METADATA_DISABLED: 'True' }, null],
    ['is not there on Fargate', { AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE' }, null],
    ['is not looked for on a machine that is none of ECS', {}, null],
  ])('%s', (_what, environment, endpoint) => {
    expect(metadataEndpoint(environment)).toBe(endpoint);
  });
});

describe('a Spot notice', () => {
  const now = new Date('2026-03-01T12:00:00Z');
  const at = (seconds: number, action = 'terminate') => ({ action, time: new Date(now.getTime() + seconds * 1_000) });

  it.each([
    ['two minutes ahead leaves the build what the stop budget does not need', at(120), 60_000],
    ['of a machine that is stopped does so, too', at(120, 'stop'), 60_000],
    ['that leaves less than the stop budget ends it at once', at(55), 0],
    ['of the past ends it at once', at(-10), 0],
    ['of a machine that hibernates ends it at once', at(120, 'hibernate'), 0],
  ])('%s', (_what, notice, graceMs) => {
    expect(spotGraceMs(notice, now, 50)).toBe(graceMs);
  });
});
