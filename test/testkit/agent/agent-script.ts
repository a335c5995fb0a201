import { z } from 'zod';
import { type ProcessScript } from '../process-script.ts';
import { ContainerScript, SignalScript, Takeover, TaskScript, type ParsedContainer } from '../script.ts';
import { MAX_CLOCK_SKEW_SECONDS } from '../../../shared/protocol/signals.ts';
import { parseGiven } from '../parse-given.ts';
import { TestkitError } from '../testkit-error.ts';

const AgentSignal = SignalScript.safeExtend({
  /** Before it comes one with the same headers and another body, whose signature cannot be right. */
  forged: z.boolean().default(false),
});
/** What happens to a signal on its way, with every default. */
export type AgentSignalRule = z.output<typeof AgentSignal>;

/**
 * What a script says that a simulated agent can do: it lives in real time and reports to a real control plane. Faults of
 * ECS are injected into local ECS.
 */
export const AgentScript = TaskScript.pick({ container: true, containers: true, processes: true, strict: true }).extend(
  {
    signals: z.array(AgentSignal).default([]),
    /**
     * Takeovers of one task: the node that has it is killed soon after it entered the state, and another one is
     * started.
     */
    takeovers: z.array(Takeover.omit({ when: true })).default([]),
  },
);
export type AgentScript = z.input<typeof AgentScript>;

/** Fields of a container that only `simulateTask` carries out, and how the same comes about with real parts. */
const ONLY_BY_VALUE: Partial<Record<keyof ParsedContainer, string>> = {
  launch: 'localEcs.inject, such as { kind: "no-placement", reason: "RESOURCE:MEMORY" }',
  launchTries: 'localEcs.inject with "times"',
  runningAfter: 'localEcs.inject({ kind: "slow", status: "PENDING", ms })',
  missingFor: 'localEcs.inject({ kind: "missing-window", ms })',
  ecsLag: 'localEcs.inject({ kind: "slow", status, ms })',
  ecsOutages: 'localEcs.inject({ kind: "server-error" })',
};

/** Parts of a script that only `simulateTask` carries out, and how the same comes about with real parts. */
const PARTS_BY_VALUE: Partial<Record<keyof TaskScript, string>> = {
  options: 'give them to addTask',
  children: 'children run their class, with the script of the task that added them',
  deliveries: 'requests go to their receivers: start a server in the test',
  interactions: 'use container.sshOutages or container.networkOutages',
  terminate: 'use client.act(id, "terminate") when until(task, { state }) has come',
  pause: 'use client.act(id, "pause") when until(task, { state }) has come',
  maxRunTime: 'give startWip the setting max_run_seconds',
  replay: 'replay a recording with simulateTask',
};

/** Throws TestkitError for parts of a script that happen to real parts of a system. */
export function refusePartsByValue(given: unknown): void {
  if (typeof given !== 'object' || given === null) return;
  const names = Object.keys(PARTS_BY_VALUE).filter((name) => Object.hasOwn(given, name)) as (keyof TaskScript)[];
  if (names.length === 0) return;
  const problems = names.map((name) => `${name} is for simulateTask only; with real parts ${PARTS_BY_VALUE[name]}`);
  throw new TestkitError(`The script of the agents is not valid: ${problems.join('; ')}`);
}

/** A container's behaviour with every default. What its script does not say takes no time. */
export type AgentContainer = ParsedContainer;

/** Throws TestkitError for what a simulated agent cannot do. */
export function parseAgentContainer(given: z.input<typeof ContainerScript>): AgentContainer {
  for (const [field, instead] of Object.entries(ONLY_BY_VALUE)) {
    if (given[field as keyof typeof given] === undefined) continue;
    throw new TestkitError(`container.${field} is done by simulateTask only; with real parts use ${instead}`);
  }
  const container = parseGiven('The script of the container is', ContainerScript, {
    readyAfter: 0,
    stopsWithin: 0,
    ...given,
  });
  if (given.end?.when !== undefined) {
    throw new TestkitError('container.end.when is done by simulateTask only: with real parts the method may have run');
  }
  const other = container.sshOutages.find(({ failure }) => failure !== 'refused');
  if (other)
    throw new TestkitError(`container.sshOutages: "${other.failure}" is done by simulateTask only; use "refused"`);
  return container;
}

/** Returns what happens to signals. Throws TestkitError for one that would come when its signature holds no more. */
export function parseAgentSignals(given: AgentScript['signals'] = []): readonly AgentSignalRule[] {
  const rules = z.array(AgentSignal).parse(given);
  const tooLate = rules.find(({ late }) => late >= MAX_CLOCK_SKEW_SECONDS);
  if (!tooLate) return rules;
  throw new TestkitError(
    `signals: a signature holds ${MAX_CLOCK_SKEW_SECONDS} s, so a signal that is ${tooLate.late} s late is refused; use "lost"`,
  );
}

/** Returns the script of the n-th start (from 1) of one process; the last of a list repeats. */
export function scriptOfStart(scripts: ProcessScript | readonly ProcessScript[], n: number): ProcessScript {
  if (!Array.isArray(scripts)) return scripts as ProcessScript;
  return (scripts as readonly ProcessScript[])[Math.min(n, scripts.length) - 1] ?? {};
}
