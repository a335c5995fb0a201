import { describe, expect, it } from 'vitest';
import { freeMemory } from '../../../controlplane/api/agents/free-memory.ts';

describe('the memory of a buffer', () => {
  it('is given back at once when it is its own', () => {
    const buffer = Buffer.allocUnsafeSlow(100_000);
    const view = buffer.subarray(10, 20);
    freeMemory(buffer);
    expect([buffer.length, view.length]).toEqual([0, 0]);
  });

  it('is left alone when others have a part of it', () => {
    const whole = Buffer.alloc(100_000, 'x');
    freeMemory(whole.subarray(0, 50_000));
    const small = Buffer.from('of a pool');
    freeMemory(small);
    expect([whole.length, `${small}`]).toEqual([100_000, 'of a pool']);
  });
});
