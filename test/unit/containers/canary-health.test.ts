import { describe, expect, it } from 'vitest';
import { decideCanaryHealth } from '../../../controlplane/containers/canary-health.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';

describe('the health of the chain, by the canaries that ended last', () => {
  it.each<[ExitStatus[], number, boolean]>([
    [[], 0, false],
    [['COMPLETED'], 0, false],
    [['ERROR_SYSTEM', 'COMPLETED'], 1, false],
    [['ERROR_SYSTEM', 'ERROR_USER', 'WARNING'], 2, true],
    [['ERROR_SYSTEM', 'ERROR_SYSTEM'], 2, true],
    [['WARNING', 'ERROR_SYSTEM', 'ERROR_SYSTEM'], 0, false],
    [['TERMINATED', 'ERROR_SYSTEM', 'TERMINATED', 'ERROR_SYSTEM'], 2, true],
  ])('%j are %i failures in a row, alarming: %s', (statuses, failuresInARow, isAlarming) => {
    expect(decideCanaryHealth(statuses.map((exitStatus) => ({ exitStatus })))).toEqual({ failuresInARow, isAlarming });
  });
});
