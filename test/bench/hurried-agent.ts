import { runAgent } from '../../agent/run.ts';
import { systemClock, type Clock } from '../../shared/support/clock.ts';

// The whole agent as a program, whose waits are so many times shorter. The time of day stays what it is, because
// signatures carry it.
const speed = Number(process.argv[2]);
const clock: Clock = {
  now: () => systemClock.now(),
  monotonicMs: () => systemClock.monotonicMs() * speed,
  sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
};

process.exitCode = await runAgent({
  environment: process.env,
  configFile: undefined,
  version: '0.0.0',
  pid: process.pid,
  parentPid: process.ppid,
  selfCommand: ['/bin/true'],
  startedMonotonicMs: clock.monotonicMs(),
  startedAt: clock.now(),
  clock,
  random: Math.random,
  newUuid: () => crypto.randomUUID(),
  writeLog: () => undefined,
  onStop: () => undefined,
});
