import { describe, expect, it } from 'vitest';
import { AttemptDetail } from '../../../controlplane/api/tasks/task-detail-views.ts';
import type { StepView } from '../../../controlplane/api/tasks/recording/task-recording-views.ts';
import { TaskView } from '../../../controlplane/api/tasks/task-views.ts';
import { commandsOf, wordForShell } from '../../../controlplane/dashboard/task/commands.ts';
import { lastLines, failedStepText } from '../../../controlplane/dashboard/task/verdict/failing-step.ts';
import { OutputLines } from '../../../controlplane/dashboard/task/output/output-lines.ts';
import { refusedStopText } from '../../../controlplane/dashboard/task/attempts/refused-stop.ts';
import { axisOf, seriesOf } from '../../../controlplane/dashboard/task/resources/resource-series.ts';
import { edgeLine, takenPath } from '../../../controlplane/dashboard/task/states/state-path.ts';
import { wholeGraph } from '../../../controlplane/dashboard/task/states/whole-graph.ts';
import { axisStep, phasesOf } from '../../../controlplane/dashboard/task/timeline.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 28, 10, 0, seconds)).toISOString();

function task(more: Partial<TaskView> = {}): TaskView {
  return TaskView.parse({
    id: 7,
    uuid: 'u',
    title: 'Build of main',
    kind: 'BuildSteps',
    group: 'shop',
    priority: 'MEDIUM',
    isPrioritised: false,
    status: 'COMPLETE',
    state: 'finish',
    exitStatus: 'ERROR_USER',
    exitMessage: null,
    cause: null,
    why: 'It failed.',
    waitsBecause: null,
    isPaused: false,
    isTerminating: false,
    createdBy: 'ana',
    createdAt: at(0),
    startedAt: at(3),
    completedAt: at(40),
    wakeAt: null,
    phase: 'ended',
    exitDetail: null,
    clientJobId: null,
    builtCommit: null,
    artefactCommit: null,
    usage: null,
    attempts: [],
    options: {},
    ...more,
  });
}

function step(number: number, from: string | null, to: string, seconds: number, value = 'success'): StepView {
  return { number, from, value, to, executed: true, at: at(seconds), tookMs: 1, note: null };
}

const ATTEMPT = AttemptDetail.parse({
  number: 1,
  uuid: 'a',
  state: 'stopped',
  cluster: 'stored-name',
  clusterReason: null,
  taskArn: 'arn:aws:ecs:eu-central-1:111122223333:task/builds/9f2c',
  address: null,
  createdAt: at(3),
  readyAt: at(9),
  endedAt: at(39),
  cause: null,
  fault: null,
  sentence: null,
  remedy: null,
  evidence: [],
  limits: null,
  usage: null,
  taskDefinition: 'arn:aws:ecs:eu-central-1:111122223333:task-definition/wip_default_shop:14',
  agentVersion: '0.1.0',
  launchedAt: at(4),
  runningAt: at(7),
  enrolledAt: at(8),
  sshVerifiedAt: at(10),
  agentSeenAt: at(38),
  ecsWitness: null,
  sshWitness: null,
});

const STEPS = [
  step(1, null, 'start', 3),
  step(2, 'start', 'containerWipStart', 4),
  step(3, 'containerWipStart', 'ensureBuildUser', 10),
  step(4, 'ensureBuildUser', 'executeBuildScript', 11),
  step(5, 'executeBuildScript', 'containerWipStop', 36, 'fail'),
  step(6, 'containerWipStop', 'finish', 40, '*'),
];

describe('the timeline', () => {
  it('tells the queue from the start, the work and the stop', () => {
    const phases = phasesOf({ task: task(), attempt: ATTEMPT, steps: STEPS, nowMs: Date.parse(at(60)) });
    expect(phases.map(({ name, fromSeconds, tookSeconds }) => [name, fromSeconds, tookSeconds])).toEqual([
      ['Queue', 0, 3],
      ['Start', 3, 7],
      ['Provision, pull image', 4, 3],
      ['Agent starts', 7, 2],
      ['SSH proved', 9, 1],
      ['Work', 10, 26],
      ['Stop', 36, 4],
    ]);
    expect(phases.find(({ tone }) => tone === 'bad')?.name).toBe('Work');
  });

  it('goes on to now in the phase that the task is in, and knows no later ones', () => {
    const running = task({ status: 'WAITING', exitStatus: 'NOT_FINISHED', completedAt: null });
    const phases = phasesOf({ task: running, attempt: ATTEMPT, steps: STEPS.slice(0, 4), nowMs: Date.parse(at(60)) });
    expect(phases.find(({ name }) => name === 'Work')).toMatchObject({ tookSeconds: 50, tone: 'run' });
    expect(phases.at(-1)).toMatchObject({ name: 'Stop', fromSeconds: null, tookSeconds: null, tone: 'future' });
  });

  it('has the median and the 95th percentile of tasks like it beside each phase', () => {
    const spread = { medianSeconds: 20, p95Seconds: 31 };
    const usual = { samples: 9, queued: null, starting: null, running: spread, ending: null, total: null };
    const phases = phasesOf({ task: task({ usual }), attempt: ATTEMPT, steps: STEPS, nowMs: Date.parse(at(60)) });
    const known = phases.filter(({ usualSeconds, p95Seconds }) => usualSeconds !== null || p95Seconds !== null);
    expect(known.map(({ name, usualSeconds, p95Seconds }) => [name, usualSeconds, p95Seconds])).toEqual([
      ['Work', 20, 31],
    ]);
  });

  it('ends a step that was cut off with the work, and no part goes beyond the whole', () => {
    const cut = {
      event: 'build',
      number: 1,
      of: 1,
      name: 'fill',
      line: null,
      command: null,
      exitCode: null,
      offset: 1,
    };
    const steps = [{ ...cut, startedAt: at(12), endedAt: at(45), outcome: 'lost' as const }];
    const late = { ...ATTEMPT, readyAt: null, sshVerifiedAt: null, endedAt: at(45) };
    const facts = { attempt: late, steps: STEPS, nowMs: Date.parse(at(60)) };
    const phases = phasesOf({ ...facts, task: task({ steps }) });
    const fill = phases.find(({ name }) => name === '1 fill');
    expect(fill).toMatchObject({ fromSeconds: 12, tookSeconds: 24, isLost: true, tone: 'bad' });
    const ends = phases.map(({ fromSeconds, tookSeconds }) => (fromSeconds ?? 0) + (tookSeconds ?? 0));
    expect(Math.max(...ends)).toBe(40);
    const terminated = phasesOf({ ...facts, task: task({ steps, exitStatus: 'TERMINATED' }) });
    expect(terminated.filter(({ tone }) => tone === 'bad')).toEqual([]);
  });

  it('has round marks on its axis, and eight at most', () => {
    for (const total of [0.1, 9, 61, 410, 5_000, 90_000, 2_000_000])
      expect(total / axisStep(total)).toBeLessThanOrEqual(8);
    expect(axisStep(410)).toBe(60);
  });
});

describe('the way through the states', () => {
  it('has each state once, with its visits and the time in it', () => {
    const again = [
      ...STEPS.slice(0, 3),
      step(4, 'ensureBuildUser', 'start', 12, 'retry'),
      step(5, 'start', 'finish', 15),
    ];
    const path = takenPath(again, Date.parse(at(16)));
    expect(path.states.map(({ name, visits, seconds }) => [name, visits, seconds])).toEqual([
      ['start', 2, 4],
      ['containerWipStart', 1, 6],
      ['ensureBuildUser', 1, 2],
      ['finish', 1, 1],
    ]);
    expect(path.last?.name).toBe('finish');
    expect([...(path.edges.find(({ to }) => to.name === 'start')?.values ?? [])]).toEqual([['retry', 1]]);
  });

  it('stays in its picture, however long it is', () => {
    const long = Array.from({ length: 30 }, (_, index) =>
      step(index + 1, index === 0 ? null : `s${index - 1}`, `s${index}`, index),
    );
    const path = takenPath(long, Date.parse(at(31)));
    for (const { x, y } of path.states) {
      expect(x).toBeLessThan(path.width);
      expect(y).toBeLessThan(path.height);
    }
    for (const edge of path.edges) expect(edgeLine(edge, path.height)).not.toMatch(/NaN|undefined/);
  });
});

describe('the whole graph', () => {
  const row = (value: string, target: string) => ({ value, target, waitSeconds: 0, maxTimes: 0, runsTarget: true });
  const state = (name: string, ...rows: ReturnType<typeof row>[]) => ({
    ...{ name, block: 'work' as const, method: null, timer: '', rows },
  });
  const node = (name: string) => ({ state: name, x: 10, y: 10, width: 20, height: 10 });
  const points = [
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 5],
  ];
  const table = {
    kind: 'Some',
    start: 'a',
    states: [state('a', row('ok', 'b'), row('!', 'c')), state('b', row('again', 'a'), row('*', 'a')), state('c')],
    layout: {
      width: 100,
      height: 50,
      nodes: [node('a'), node('b'), node('c')],
      edges: [
        { from: 'a', to: 'b', values: ['ok'], points },
        { from: 'a', to: 'c', values: ['!'], points: points.slice(0, 4) },
        { from: 'b', to: 'a', values: ['again'], points },
      ],
    },
  };
  const steps = [
    step(1, null, 'a', 0),
    step(2, 'a', 'b', 1, 'ok'),
    step(3, 'b', 'a', 2, 'again'),
    step(4, 'a', 'b', 3, 'ok'),
  ];

  it('has every state and row, with how often the task went there', () => {
    const graph = wholeGraph(table, steps);
    expect(graph.nodes.map((one) => [one.state, one.visits])).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 0],
    ]);
    expect(graph.nodes[0]?.rows.map(({ value, times }) => [value, times])).toEqual([
      ['ok', 2],
      ['!', 0],
    ]);
    const other = wholeGraph(table, [...steps, step(5, 'b', 'a', 4, 'other')]);
    expect(other.nodes[1]?.rows.map(({ value, times }) => [value, times])).toEqual([
      ['again', 1],
      ['*', 1],
    ]);
  });

  it('draws what was taken above what was not, along the lines that the server placed', () => {
    const { edges } = wholeGraph(table, steps);
    expect(edges.map(({ from, to, times }) => [from, to, times])).toEqual([
      ['a', 'c', 0],
      ['a', 'b', 2],
      ['b', 'a', 1],
    ]);
    expect(edges.map(({ line }) => line)).toEqual(['M0 0C1 1 2 2 3 3', 'M0 0C1 1 2 2 3 3L4 5', 'M0 0C1 1 2 2 3 3L4 5']);
  });
});

describe('the failing step', () => {
  it('is described in one line', () => {
    const failed = {
      event: 'build',
      number: 2,
      of: 4,
      name: 'test',
      line: 16,
      command: null,
      exitCode: 1,
      sentence: null,
      offset: null,
    };
    expect(failedStepText(failed)).toBe('Step 2 of 4: test, line 16 of the build file, exit code 1');
    expect(failedStepText({ ...failed, of: null, line: null, command: 'make', exitCode: null })).toBe(
      'Step test, `make`',
    );
    const own = { ...failed, exitCode: null, startedAt: at(1), endedAt: at(2), outcome: 'lost' as const };
    expect(failedStepText({ ...failed, exitCode: null }, [own])).toBe(
      'Step 2 of 4: test, line 16 of the build file, did not end',
    );
  });

  it('shows the last lines of the step that failed, and of no later one', () => {
    const output = new OutputLines();
    const text = `=== build: step 1 of 1: test\n${'x\n'.repeat(30)}the reason\n--- test: failed after 1 s, exit code 3\n=== fail-on-build: step 1 of 1: tell\nlater\n`;
    const data = Buffer.from(text).toString('base64');
    output.append({ attempt: 1, processId: 'p', stream: 'stdout', at: at(1), data, omittedBefore: 0 });
    const last = lastLines(output, task());
    expect(last.lines).toHaveLength(20);
    expect(last.lines.slice(-2)).toEqual(['the reason', '--- test: failed after 1 s, exit code 3']);
    expect(output.texts[last.from ?? -1]).toBe(last.lines[0]);
  });

  it('shows the end that the task keeps where no output is there', () => {
    expect(lastLines(new OutputLines(), task({ exitDetail: 'a\nb\n' }))).toEqual({ from: null, lines: ['a', 'b'] });
  });
});

describe('commands to copy', () => {
  it('are taken by a shell as they are, whatever a name has in it', () => {
    expect(['shop', 'my group', "it's", '$(x)'].map(wordForShell)).toEqual([
      'shop',
      "'my group'",
      "'it'\\''s'",
      "'$(x)'",
    ]);
  });

  it('have nothing to fill in: region and cluster are those of the container', () => {
    const commands = commandsOf(task(), ATTEMPT).map(({ command }) => command);
    expect(commands).toContain(
      'aws ecs describe-tasks --region eu-central-1 --cluster builds --tasks arn:aws:ecs:eu-central-1:111122223333:task/builds/9f2c',
    );
    expect(commands).toContain('wipctl restart 7');
    const local = commandsOf(task(), { ...ATTEMPT, endpoint: 'http://127.0.0.1:36023' });
    expect(local.filter(({ command }) => command.startsWith('aws ')).map(({ command }) => command)).toEqual([
      expect.stringMatching(/^aws ecs --endpoint-url http:\/\/127\.0\.0\.1:36023 describe-tasks --region /),
      expect.stringMatching(/^aws ecs --endpoint-url http:\/\/127\.0\.0\.1:36023 describe-task-definition --region /),
    ]);
    expect(commandsOf(task({ status: 'WAITING' }), undefined).map(({ command }) => command)).toEqual([
      'wipctl show 7',
      'wipctl logs 7 -f',
      'wipctl transcript 7',
    ]);
  });
});

describe('a container whose stop ECS refused', () => {
  const nowMs = Date.parse(at(600));

  it('is shown with since when, and why', () => {
    const stopFailure = { since: at(0), at: at(0), sentence: 'The key may not do ecs:StopTask.' };
    const said = refusedStopText({ stopFailure }, nowMs);
    expect(said).toMatch(/^ECS has not accepted its stop since [^.,]+\. The key may not do ecs:StopTask\.$/);
    const again = refusedStopText({ stopFailure: { ...stopFailure, at: at(30) } }, nowMs);
    expect(again).toMatch(/^ECS has not accepted its stop since [^,]+, last asked [^.]+\. The key/);
  });

  it('is told from one that ECS stops', () => {
    expect(refusedStopText({ stopFailure: null }, nowMs)).toBeNull();
  });
});

describe('the charts', () => {
  const sample = (
    seconds: number,
    cpuSeconds: number | null,
  ): { attempt: number; at: string; progress: number; usage: Record<string, unknown> } => ({
    attempt: 1,
    at: at(seconds),
    progress: 0,
    usage: { cpuSeconds, memoryPeakBytes: null, disk: { workloadBytes: seconds * 1000 } },
  });

  it('show what was measured twice, and processors as the mean between two samples', () => {
    const series = seriesOf([sample(0, 0), sample(10, 15), sample(20, 40)], null);
    expect(series.map(({ name }) => name)).toEqual(['Disk of the build', 'Processors']);
    expect(series[1]?.points.map(({ value }) => value)).toEqual([1.5, 2.5]);
  });

  it('have one axis, with the steps that began while something was measured', () => {
    const series = seriesOf([sample(10, 0), sample(20, 15), sample(30, 40)], null);
    const steps = [2, 10, 15, 29, 31].map((seconds) => ({ startedAt: at(seconds) }));
    expect(axisOf(series, steps)).toEqual({
      fromMs: Date.parse(at(10)),
      toMs: Date.parse(at(30)),
      stepsMs: [Date.parse(at(15)), Date.parse(at(29))],
    });
  });

  it('take no value from a counter that began anew', () => {
    const [, processors] = seriesOf([sample(0, 50), sample(10, 60), sample(20, 5), sample(30, 15)], null);
    expect(processors?.points.map(({ value }) => value)).toEqual([1, 1]);
  });
});
