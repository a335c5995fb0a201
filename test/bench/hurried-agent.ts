import { runAgent } from '../../agent/run/run-agent.ts';
import { testAgentDeps } from '../kit/agent/test-agent-deps.ts';
import { systemClock, type Clock } from '../../shared/time/clock.ts';

// The whole agent as a program whose waits are divided by a factor. The time of day is real, because signatures
// contain it.
const speed = Number(process.argv[2]);
const clock: Clock = {
  now: () => systemClock.now(),
  monotonicMs: () => systemClock.monotonicMs() * speed,
  sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
};

process.exitCode = await runAgent(testAgentDeps({ environment: process.env, clock, onStop: () => undefined }));
