import { expect, it } from 'vitest';
import { exitDetailBeside } from '../../../controlplane/api/tasks/exit-detail.ts';

const REMEDY = 'Correct the task definition in config.ecs.yml as the message says';

it.each([
  ['is left out when it is the remedy', REMEDY, REMEDY, null],
  ['is left out when only a full stop differs', `${REMEDY}.`, REMEDY, null],
  ['stays when it says more', `${REMEDY}\nfatal: no`, REMEDY, `${REMEDY}\nfatal: no`],
  ['stays without a remedy', REMEDY, null, REMEDY],
  ['is none where there is none', null, REMEDY, null],
])('Correct the task definition Correct the task definition: a detail %s', (_what, detail, remedy, shown) => {
  expect(exitDetailBeside(detail, remedy)).toBe(shown);
});
