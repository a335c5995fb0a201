import type { TaskView } from '../../controlplane/api/tasks/task-views.ts';
import { eventually } from '../kit/eventually.ts';
import { processesIn } from '../kit/programs/program.ts';
import { BuildPlace, linesOf } from './build-place.ts';
import type { NetnsSystem } from './netns-system.ts';
import type { Moment, NetworkCase } from './network-case.ts';

interface ShownWait {
  /** One word for programs. */
  readonly code: string;
  readonly sentence: string;
}

/** What is known of a build when its case is over. */
export interface CaseOutcome {
  readonly exitStatus: string | null;
  readonly cause: string | null;
  readonly exitMessage: string | null;
  /** Lines of the build, in its own words and as the control plane has them. */
  readonly written: readonly string[];
  readonly stored: readonly string[];
  readonly starts: number;
  readonly pushes: number;
  /** Containers that ECS was asked for, and attempts of the task. */
  readonly containers: number;
  readonly attempts: number;
  /** Sequence numbers and kinds of the signals, in the order of their commits. */
  readonly signals: readonly { readonly sequence: number; readonly kind: string }[];
  /** Why it was said to wait, from the time when the outage was noticed until it was over. */
  readonly waits: readonly ShownWait[];
  /** From the end of the outage to the end of the task. */
  readonly recoveryMs: number;
}

/** Far above what busy cores need: a case that needs this long has failed. */
const BOUND_MS = 240_000;
// Several builds run at once, and each question takes processor time from all of them.
const POLL_MS = 500;
/** Why the task waits once the control plane has noticed. */
const NOTICED: Readonly<Record<Moment, string>> = {
  launch: 'agent-starting',
  running: 'container-unreachable',
  end: 'container-unreachable',
  limit: 'container-unreachable',
};
/** GB; the build writes twice as much. */
const DISK_LIMIT = 0.05;
/** Some 40 kB: more than a slow link takes in a second. */
const LINE_OVER_SLOW_LINK = 400;

/**
 * Runs a build whose network fails at the moment of the case, until control plane and agent have noticed and `outageMs`
 * have passed, and then to its end.
 */
export async function runCase(system: NetnsSystem, one: NetworkCase, outageMs: number): Promise<CaseOutcome> {
  const { name, fault, during } = one;
  const link = system.link(name);
  const place = new BuildPlace(system.volume(name));
  if (during === 'launch') link.begin(fault);
  const { id } = await system.client.addTask({
    kind: 'BuildSteps',
    // A group lets few tasks run at once.
    group: name,
    options: {
      cluster: name,
      sourceVcsUri: place.source,
      vcsPath: 'main',
      deployVcsUri: place.artefact,
      ...(during === 'limit' ? { containerMaxDisk: DISK_LIMIT } : {}),
    },
  });
  const build: RunningBuild = { system, one, place, id };
  const waits = fault === 'slow' ? [] : await runOutage(build, outageMs);
  if (fault === 'slow') await isStored(build, LINE_OVER_SLOW_LINK);
  const healedMs = performance.now();
  if (during === 'launch' || during === 'running') place.goOn('to-the-end');
  const task = await within(build, 'the end of the task', async () => {
    const view = await system.client.findTask(id);
    return view.status === 'COMPLETE' ? view : undefined;
  });
  const recoveryMs = performance.now() - healedMs;
  return { ...(await readOutcome(build, task)), waits, recoveryMs };
}

interface RunningBuild {
  readonly system: NetnsSystem;
  readonly one: NetworkCase;
  readonly place: BuildPlace;
  readonly id: number;
}

function within<T>(
  { one }: RunningBuild,
  what: string,
  read: () => T | Promise<T>,
  moreMs = 0,
): Promise<NonNullable<T>> {
  return eventually(`${one.name}: ${what}`, read, BOUND_MS + moreMs, POLL_MS);
}

/** Waits until the control plane has this line of the output. */
function isStored(build: RunningBuild, line: number): Promise<boolean> {
  return within(build, `line ${line}`, async () => (await readOutput(build)).includes(`line ${line} `));
}

/** Returns why the task was said to wait, from the time when the outage was noticed until its end. */
async function runOutage(build: RunningBuild, outageMs: number): Promise<readonly ShownWait[]> {
  const { system, one, id } = build;
  const { fault, during } = one;
  const link = system.link(one.name);
  if (during !== 'launch') {
    await isStored(build, 1);
    link.begin(fault);
  }
  await meanwhile(build);
  const beganMs = performance.now();
  const reasons = new Map<string, string>();
  await within(
    build,
    `the reason ${NOTICED[during]}, and the end of the outage`,
    async () => {
      const { waiting, waitsBecause } = await system.client.findTask(id);
      // A worker that is busy with the task may be about to find another reason.
      const isNoticed = waiting?.code === NOTICED[during];
      if (waiting && (isNoticed || reasons.size > 0)) reasons.set(waiting.code, waitsBecause ?? '');
      return isNoticed && performance.now() - beganMs >= outageMs;
    },
    outageMs,
  );
  link.end(fault);
  return [...reasons].map(([code, sentence]) => ({ code, sentence }));
}

/** Lets happen in the container what the control plane cannot hear of now, and waits until the agent has noticed. */
async function meanwhile(build: RunningBuild): Promise<void> {
  const { system, one, place } = build;
  const says = (words: string): Promise<boolean> =>
    within(build, `"${words}" of the agent`, () => system.agentLogs(one.name).join('').includes(words));
  switch (one.during) {
    case 'launch':
      return void (await says('enrolment not answered'));
    case 'running':
      return;
    case 'end':
      place.goOn('to-the-end');
      await within(build, 'the end of the build', () => place.hasEnded);
      return void (await says('signal not answered'));
    case 'limit':
      place.goOn('fill');
      await says('"msg":"stopping"');
      return void (await says('signal not answered'));
  }
}

async function readOutcome(
  build: RunningBuild,
  { exitStatus, cause, exitMessage }: TaskView,
): Promise<Omit<CaseOutcome, 'waits' | 'recoveryMs'>> {
  const { system, one, place, id } = build;
  await within(build, 'the end of the container', () => processesIn(system.volume(one.name)).length === 0);
  const signals = await within(build, 'the exit signal', async () => {
    const all = await readSignals(build);
    return all.some(({ kind }) => kind === 'data') ? all : undefined;
  });
  return {
    exitStatus,
    cause,
    exitMessage,
    written: place.lines,
    stored: linesOf(await readOutput(build)).filter((line) => line.startsWith('line ')),
    starts: place.starts,
    pushes: place.pushes,
    containers: system.agentLogs(one.name).length,
    attempts: (await system.client.listAttempts(id)).length,
    signals,
  };
}

/** Returns the whole standard output of the build. */
async function readOutput({ system, id }: RunningBuild): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; ;) {
    const { data, nextOffset } = await system.client.readOutput(id, 'stdout', offset);
    if (data.length === 0) return Buffer.concat(pieces).toString();
    pieces.push(data);
    offset = nextOffset;
  }
}

async function readSignals({ system, id }: RunningBuild): Promise<CaseOutcome['signals']> {
  const rows = await system.query<{ webhook: string; kind: string }>(
    'SELECT webhook_id AS webhook, class_id AS kind FROM signal WHERE task_id = $1 ORDER BY id',
    [id],
  );
  return rows.map(({ webhook, kind }) => ({
    sequence: Number(webhook.split(':').at(-1)),
    kind: kind.split('.').at(-1) ?? kind,
  }));
}
