import { describe, expect, it } from 'vitest';
import { scriptedStopSentence } from '../../testkit/scripted-stop-sentence.ts';

const figures = {
  ranSeconds: 45,
  workloadBytes: 3_000_000_000,
  initialBytes: null,
  maxTimeSeconds: null,
  maxDiskGb: null,
};

describe('the last words of a container that a script ends', () => {
  it('name no limit of nothing when the task has none', () => {
    expect(scriptedStopSentence('limit-time', figures)).toContain('ran for 45 s of 45 s');
    expect(scriptedStopSentence('limit-disk', figures)).toContain('used 3.0 GB of 3.0 GB');
  });

  it('name the limit of the task as exceeded, however early the script ends it', () => {
    expect(scriptedStopSentence('limit-time', { ...figures, maxTimeSeconds: 600 })).toContain('of 10 min');
    expect(scriptedStopSentence('limit-disk', { ...figures, workloadBytes: null, maxDiskGb: 20 })).toContain(
      'used 20.0 GB of 20.0 GB',
    );
  });
});
