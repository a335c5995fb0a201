import { expect, it } from 'vitest';
import { parseImageReference } from '../../../controlplane/ecs/definition/image-reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

it.each([
  ['busybox', { registry: null, repository: 'busybox', tag: null, digest: null, ecr: null }],
  ['library/busybox:1.36', { registry: null, repository: 'library/busybox', tag: '1.36' }],
  ['registry.example/wip-build:7', { registry: 'registry.example', repository: 'wip-build', tag: '7' }],
  ['localhost:5000/wip', { registry: 'localhost:5000', repository: 'wip', tag: null }],
  ['registry:5000/a/b:c', { registry: 'registry:5000', repository: 'a/b', tag: 'c' }],
  [`registry.example/wip:7@${DIGEST}`, { repository: 'wip', tag: '7', digest: DIGEST }],
  [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/wip:7',
    { repository: 'team/wip', ecr: { account: '123456789012', region: 'eu-west-1' } },
  ],
  ['public.ecr.aws/docker/library/busybox:stable', { registry: 'public.ecr.aws', ecr: null }],
])('reads %s', (text, expected) => {
  expect(parseImageReference(text)).toMatchObject({ kind: 'image', ...expected });
});

it.each([
  '',
  'Upper/case',
  'a//b',
  'a:',
  'a:b c',
  'wip@sha256:short',
  `a@${DIGEST}@${DIGEST}`,
  '/a',
  'https://x/y',
  `a:${'t'.repeat(129)}`,
])('refuses "%s"', (text) => {
  expect(parseImageReference(text)).toMatchObject({ kind: 'malformed' });
});
