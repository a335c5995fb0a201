import { describe, expect, it } from 'vitest';
import { MethodCalls } from '../../../controlplane/engine/run/method-calls.ts';

const told: string[] = [];
const callsOf = (method: string): MethodCalls => {
  told.length = 0;
  return new MethodCalls({
    kind: 'T',
    taskId: 1,
    state: method,
    method,
    unhandled: [],
    isOver: false,
    reportLateError: (sentence) => void told.push(sentence),
  });
};

describe('a call that comes when its method is over', () => {
  it('is blamed on the method that did not await it', async () => {
    const calls = callsOf('work');
    calls.close('ended');
    const sentence = 'deliver("report") did nothing: "work" was over when it came, so an "await" is missing there';
    await expect(calls.effect('deliver("report")', () => Promise.resolve())).rejects.toThrow(sentence);
    expect(told).toEqual([`${sentence}.`]);
  });

  it('is not said to lack an "await" when the time of the method ran out', () => {
    const calls = callsOf('work');
    calls.close('interrupted');
    calls.close();
    const why = '"work" had been given up when it came, because it ran for longer than a method may';
    expect(() => calls.refuseLate('exit("WARNING")')).toThrow(`exit("WARNING") did nothing: ${why}`);
    expect(() => calls.refuseLateWrite('memory.found')).toThrow(`The write to memory.found did nothing: ${why}`);
    expect(told).toEqual([`exit("WARNING") did nothing: ${why}.`, `The write to memory.found did nothing: ${why}.`]);
  });

  it('of a method whose node lost its lease is told to nobody: a node that was lost blamed shipped methods', async () => {
    const calls = callsOf('containerWipInvoke');
    calls.close('left');
    await expect(calls.effect('run()', () => Promise.resolve())).rejects.toThrow(
      'run() did nothing: this node has left the task, and another calls "containerWipInvoke"',
    );
    expect(told).toEqual([]);
  });
});
