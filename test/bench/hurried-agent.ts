import { runAgent } from '../../agent/run/run-agent.ts';
import { testAgentDeps } from '../kit/test-agent-deps.ts';
import { systemClock, type Clock } from '../../shared/support/clock.ts';

// The whole agent as a program, whose waits are so many times shorter. The time of day stays what it is, because
// signatures carry it.
const speed = Number(process.argv[2]);
const clock: Clock = {
  now: () => systemClock.now(),
  monotonicMs: () => systemClock.monotonicMs() * speed,
  sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
};

process.exitCode = await runAgent(testAgentDeps({ environment: process.env, clock, onStop: () => undefined }));
