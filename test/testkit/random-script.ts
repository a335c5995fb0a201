import { seededRandom, type Random } from '../../controlplane/statetable/seeded-random.ts';
import type { StateTable } from '../../controlplane/statetable/table.ts';
import { endsOfProcess } from './contradictions.ts';
import type { ParsedModel } from './model.ts';
import { type ProcessScript } from './process-script.ts';
import { AGENT_CALLS, ConnectionFailure, SIGNAL_NAMES, type ContainerScript, type TaskScript } from './script.ts';

type ParsedRange = readonly [number, number];

/** Containers that a script says something about; a task that needs more gets friendly ones. */
const CONTAINERS = 3;

/** Draws what happens, by the ratios of a model. Equal seeds draw equal scripts. */
class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  happens(ratio: number): boolean {
    return this.#random() < ratio;
  }

  /** Short durations are as likely as long ones on a logarithmic scale, as they are in builds. */
  seconds([from, to]: ParsedRange): number {
    const low = Math.max(from, 0.5);
    const seconds = low * (Math.max(to, low) / low) ** this.#random();
    return Math.round(seconds * 10) / 10;
  }

  number(most: number): number {
    return 1 + Math.floor(this.#random() * most);
  }

  oneOf<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)]!;
  }
}

/** Returns the script of a seed. It says nothing of what goes well. */
export function randomScript(seed: number, model: ParsedModel, table: StateTable): TaskScript {
  const dice = new Dice(seed);
  const states = table.states.map(({ name }) => name);
  const signals = SIGNAL_NAMES.flatMap((signal) => randomSignal(dice, model, signal));
  const moments = { at: dice.oneOf(states) };
  return {
    containers: Array.from({ length: CONTAINERS }, () => randomContainer(dice, model)),
    processes: Object.fromEntries(states.map((state) => [state, randomProcess(dice, model, state)])),
    ...(signals.length > 0 && { signals }),
    ...(dice.happens(model.interactionFails) && { interactions: [randomInteraction(dice)] }),
    ...(dice.happens(model.takeover) && { takeovers: [{ at: dice.oneOf(states), times: dice.number(2) }] }),
    ...(dice.happens(model.terminate) && { terminate: moments }),
    ...(dice.happens(model.pause) && { pause: { ...moments, lasts: dice.seconds(model.outageSeconds) } }),
  };
}

function randomContainer(dice: Dice, model: ParsedModel): ContainerScript {
  const outage = (): { from: number; lasts: number } => ({
    from: dice.seconds([1, 60]),
    lasts: dice.seconds(model.outageSeconds),
  });
  return {
    readyAfter: dice.happens(model.neverReady) ? 'never' : dice.seconds(model.readyAfter),
    ...(dice.happens(model.noResources) && { launch: 'no-resources' as const }),
    ...(dice.happens(model.launchUnanswered) && { launch: 'answer-lost' as const }),
    ...(dice.happens(model.sshRefusals) && { sshRefusals: dice.number(8) }),
    ...(dice.happens(model.ecsOutage) && { ecsOutages: [outage()] }),
    ...(dice.happens(model.networkOutage) && { networkOutages: [outage()] }),
    ...(dice.happens(model.containerDies) && {
      end: { after: dice.seconds(model.containerDiesAfter), cause: dice.oneOf(model.containerCauses) },
    }),
  };
}

function randomProcess(dice: Dice, model: ParsedModel, state: string): ProcessScript {
  const own = model.processes[state];
  return {
    runsFor: dice.seconds(own?.runsFor ?? model.processSeconds),
    ...(dice.happens(own?.fails ?? model.processFails) && { exitCode: dice.number(3) }),
    ...(dice.happens(model.processSilent) && { silentAfter: 0 }),
  };
}

type SignalRule = NonNullable<TaskScript['signals']>[number];

function randomSignal(dice: Dice, model: ParsedModel, signal: SignalRule['signal']): SignalRule[] {
  if (dice.happens(model.signalLost)) return [{ signal, lost: true }];
  const late = dice.happens(model.signalLate) ? dice.seconds(model.outageSeconds) : 0;
  const doubled = dice.happens(model.signalDoubled);
  return late === 0 && !doubled ? [] : [{ signal, ...(late > 0 && { late }), ...(doubled && { doubled }) }];
}

function randomInteraction(dice: Dice): NonNullable<TaskScript['interactions']>[number] {
  const fails = dice.oneOf([...ConnectionFailure.options, 'answer-lost'] as const);
  return { call: dice.oneOf(AGENT_CALLS), fails, times: dice.number(3) };
}

/** Returns the script `over` another: what the base says holds, and `over` says the rest. */
export function joinScripts(base: TaskScript, over: TaskScript): TaskScript {
  const { container, containers } = base;
  const ofBase = (index: number): ContainerScript => containers?.[index] ?? container ?? {};
  const count = Math.max(containers?.length ?? 0, over.containers?.length ?? 0);
  const joined = Array.from({ length: count }, (_none, index) =>
    joinContainer(ofBase(index), over.containers?.[index]),
  );
  return { ...over, ...base, ...(count > 0 && { containers: joined }), processes: joinProcesses(base, over) };
}

/** A container that says several times that it is ready is ready one day. */
function joinContainer(said: ContainerScript, drawn: ContainerScript = {}): ContainerScript {
  const { readyAfter, ...rest } = drawn;
  return readyAfter === 'never' && (said.readyTimes ?? 1) > 1 ? { ...rest, ...said } : { ...drawn, ...said };
}

function joinProcesses(base: TaskScript, over: TaskScript): NonNullable<TaskScript['processes']> {
  const names = new Set([...Object.keys(over.processes ?? {}), ...Object.keys(base.processes ?? {})]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [said, drawn] = [base.processes?.[name], over.processes?.[name]];
      if (said === undefined || Array.isArray(said) || Array.isArray(drawn)) return [name, said ?? drawn ?? {}];
      return [name, { ...withoutContradiction(said, drawn), ...said }];
    }),
  );
}

/** A process ends in one way, and the base may have said how. */
function withoutContradiction(said: ProcessScript, drawn: ProcessScript | undefined): ProcessScript | undefined {
  if (said.cannotStart === true) return {};
  return endsOfProcess(said).length > 0 || said.runsFor === 'forever' ? withoutEnd(drawn) : drawn;
}

function withoutEnd(script: ProcessScript = {}): ProcessScript {
  const ends: ReadonlySet<string> = new Set(endsOfProcess(script));
  return Object.fromEntries(Object.entries(script).filter(([name]) => !ends.has(name)));
}
