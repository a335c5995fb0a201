import { describe, expect, it } from 'vitest';
import { decideCandidates, type ClusterFacts } from '../../../controlplane/clusters/decide-candidates.ts';

const FACTS: ClusterFacts = {
  ofTask: [],
  group: 'BuildSteps',
  ofGroup: [],
  active: 'spot',
  fallbacks: new Map([
    ['spot', ['on-demand', 'gone', 'far']],
    ['on-demand', ['far']],
    ['far', []],
  ]),
};
const names = (changes: Partial<ClusterFacts> = {}) =>
  decideCandidates({ ...FACTS, ...changes }).map(({ name }) => name);

describe('the clusters of a new container', () => {
  it('are the active one and what it falls back on, as far as that is stored', () => {
    expect(names()).toEqual(['spot', 'on-demand', 'far']);
    expect(names({ active: 'far' })).toEqual(['far']);
  });

  it('are those of its group before the active one, and those of the task before either', () => {
    expect(names({ ofGroup: ['on-demand'] })).toEqual(['on-demand', 'far']);
    expect(names({ ofGroup: ['on-demand'], ofTask: ['far'] })).toEqual(['far']);
  });

  it('are exactly those that were named when several were, each once', () => {
    expect(names({ ofTask: ['far', 'spot', 'far', 'spot'] })).toEqual(['far', 'spot']);
    expect(names({ ofGroup: ['spot', 'gone', 'far'] })).toEqual(['spot', 'far']);
  });

  it('begin with the one that was named though it is not stored: nothing is launched elsewhere in silence', () => {
    expect(names({ ofTask: ['mistyped'] })).toEqual(['mistyped']);
    expect(names({ active: 'default', fallbacks: new Map() })).toEqual(['default']);
  });

  it('are told with who named them', () => {
    const reasons = (changes: Partial<ClusterFacts>) => decideCandidates({ ...FACTS, ...changes })[0]?.reason;
    expect(reasons({})).toBe('it is the active cluster');
    expect(reasons({ ofGroup: ['far'] })).toBe('its group "BuildSteps" names it');
    expect(reasons({ ofGroup: ['far'], ofTask: ['spot'] })).toBe('the task names it');
  });
});
