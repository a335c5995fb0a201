/** Fields of the signal of a build that has ended well. */
export const PROCESS_COMPLETE = {
  pid: 7,
  startTime: 1_772_366_400,
  processId: 'build',
  result: { exitCode: 0, signal: null, reason: 'exited', endTime: 1_772_366_405 },
  bytes: { stdout: 0, stderr: 0 },
  omitted: { stdout: 0, stderr: 0 },
};
