import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TranscriptAnswer } from '../../controlplane/api/tasks/recording/task-recording-views.ts';
import { TaskPage, TaskView } from '../../controlplane/api/tasks/task-views.ts';
import { eventually } from '../kit/eventually.ts';
import { buildFile, git, makeBareRepository, makeRepository, makeSample } from '../kit/builds/git-place.ts';
import { useDevSystem } from '../kit/programs/use-dev-system.ts';

const system = useDevSystem();

/** What two builds that succeed move in the metrics of their node. */
const MOVED_BY_BUILDS = [
  'wip_agent_ready_seconds',
  'wip_claims_total',
  'wip_database_pool_wait_seconds',
  'wip_database_up',
  'wip_ecs_call_seconds',
  'wip_enrolments_total',
  'wip_http_request_seconds',
  'wip_launch_phase_seconds',
  'wip_launches_total',
  'wip_nodes',
  'wip_queue_wait_seconds',
  'wip_saves_total',
  'wip_signals_total',
  'wip_ssh_conversations_total',
  'wip_step_seconds',
  'wip_steps_total',
  'wip_task_ends_total',
  'wip_tasks',
  'wip_tasks_ended',
  'wip_wake_latency_seconds',
];

describe('wipctl beside wipctl dev', () => {
  it('builds what lies in the directory, pushes the artefact and exits with 0', async () => {
    const source = makeSample(system.place.path('site'));
    const artefact = makeBareRepository(system.place.path('artefact.git'));
    const { code, out, err } = await system.dev.wipctl('run', source, '--deploy-uri', artefact, '--watch');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Building site main@[0-9a-f]+ of .+\.\nTask \d+ was added: Build of main\n/);
    expect(out).toContain('ok 5 - the site is named in the title\n');
    expect(git(artefact, 'ls-tree', '--name-only', 'pipelines-build-main', 'public/')).toContain('public/index.html');
    expect(git(artefact, 'log', '-1', '--format=%s', 'pipelines-build-main')).not.toBe('');
  });

  it('shows the same task in every command, and each as JSON', async () => {
    const { id } = await system.dev.build({ sourceVcsUri: makeSample(system.place.path('seen')), vcsPath: 'main' });
    const number = String(id);
    expect(TaskPage.parse(await system.dev.json('tasks')).tasks.map((task) => task.id)).toContain(id);
    expect(TaskView.parse(await system.dev.json('show', number))).toMatchObject({ id, exitStatus: 'COMPLETED' });
    const { steps } = TranscriptAnswer.parse(await system.dev.json('transcript', number));
    expect(steps.at(-1)?.to).toBe('finish');

    expect((await system.dev.wipctl('tasks')).out).toMatch(
      new RegExp(`^${number} +COMPLETE +COMPLETED +BuildSteps `, 'm'),
    );
    expect((await system.dev.wipctl('show', number)).out).toMatch(/Why +The build succeeded\./);
    expect((await system.dev.wipctl('transcript', number)).out).toContain("executeBuildScript => 'success' => ");
    expect((await system.dev.wipctl('logs', number, '--states')).out).toContain('The container is ready (attempt 1).');
    expect((await system.dev.wipctl('logs', number, '--stream', 'stdout')).out).toContain('ok 1 - text is escaped\n');
    const followed = await system.dev.wipctl('logs', number, '-f');
    expect(followed.out).toContain('ok 1 - text is escaped\n');
    const events = (await system.dev.wipctl('logs', number, '-f', '--json')).out.trimEnd().split('\n');
    expect(events.map((line) => (JSON.parse(line) as { kind: string }).kind).at(-1)).toBe('end');
  });

  it('finds nothing wrong with itself, and counts what it does', async () => {
    const examined = await system.dev.wipctl('doctor');
    expect(examined.code, examined.out).toBe(0);
    expect(examined.out).not.toMatch(/^failed/m);
    const metrics = await (await fetch(`${system.dev.client.url}/metrics`)).text();
    const moved = [...metrics.matchAll(/^(wip_[a-z_]+?)(?:_count)?(?:\{.*\})? [1-9]/gm)].map(([, name]) => name);
    expect(MOVED_BY_BUILDS.filter((name) => !moved.includes(name))).toEqual([]);
    expect(metrics).toMatch(/^wip_saves_total\{kind="complete"\} [1-9]/m);
    expect(metrics).toMatch(/^wip_signals_total\{signal="ready",outcome="recorded"\} [1-9]/m);
    expect(metrics).toMatch(/^wip_ecs_call_seconds_count\{action="RunTask",outcome="\w+"\} [1-9]/m);
    expect(metrics).toMatch(/^wip_tasks\{group="BuildSteps",status="COMPLETE"\} [1-9]/m);
  });

  it('pauses, resumes, terminates and restarts a build', async () => {
    const source = makeSample(system.place.path('crawl'), 'terminate');
    const added = TaskView.parse(await system.dev.json('run', source));
    const number = String(added.id);
    expect((await system.dev.wipctl('pause', '-t', number)).code).toBe(0);
    expect(TaskView.parse(await system.dev.json('show', number)).isPaused).toBe(true);
    expect((await system.dev.wipctl('restart', number)).code).toBe(4);
    expect((await system.dev.wipctl('resume', '-t', number)).code).toBe(0);
    await eventually(
      'the first page',
      async () => (await system.dev.wipctl('logs', number, '--stream', 'stdout')).out.includes('crawled page 1'),
      60_000,
    );
    expect((await system.dev.wipctl('terminate', number)).out).toBe(
      `Task ${number} is being terminated. Follow it with "wipctl logs ${number} -f".\n`,
    );
    const ended = await system.dev.finished(added.id);
    expect(ended).toMatchObject({ exitStatus: 'TERMINATED', why: 'It was terminated at the request of dev.' });
    expect((await system.dev.wipctl('terminate', number)).out).toContain(`Task ${number} had ended already: `);

    makeRepository(source, { 'acquia-pipelines.yaml': buildFile('echo "shorter now"') });
    expect((await system.dev.wipctl('restart', number)).code).toBe(0);
    expect(await system.dev.finished(added.id)).toMatchObject({ exitStatus: 'COMPLETED' });
  });

  it('keeps what was happening when the disk limit was reached, before it hears of the end', async () => {
    const source = makeSample(system.place.path('full'), 'disk');
    const { id } = await system.dev.client.addTask({
      kind: 'BuildSteps',
      options: { sourceVcsUri: source, vcsPath: 'main', containerMaxDisk: 0.05 },
    });
    const task = await system.dev.finished(id);
    expect(task).toMatchObject({ exitStatus: 'ERROR_USER', cause: 'limit-disk' });
    expect(task.exitDetail).toMatch(/unpacked piece \d+ of 50/);
    const signals = await system.dev.query<{ kind: string }>(
      `SELECT substring(class_id from '[a-z]+$') AS kind FROM signal WHERE task_id = $1 ORDER BY id`,
      [id],
    );
    const kinds = signals.map(({ kind }) => kind);
    expect(kinds[0]).toBe('complete');
    expect(kinds.indexOf('terminated')).toBeGreaterThan(0);
    expect(kinds.at(-1)).toBe('data');
    const logs = await system.dev.client.readLogs(id);
    const lastWords = logs.find(({ message }) => message.startsWith('stdout when the container was terminated'));
    expect(lastWords).toMatchObject({ userReadable: true });
    expect(lastWords?.message).toMatch(/unpacked piece \d+ of 50/);
  });

  it('calls a secure value that was sealed elsewhere an error of the build file, and names it', async () => {
    const source = makeRepository(system.place.path('foreign'), {
      'acquia-pipelines.yaml': buildFile('echo "$TOKEN"').replace(
        'events:',
        'variables:\n  global:\n    TOKEN:\n      secure: wipb1.bm90IHNlYWxlZCBoZXJl\nevents:',
      ),
    });
    expect(await system.dev.build({ sourceVcsUri: source, vcsPath: 'main' })).toMatchObject({
      exitStatus: 'ERROR_USER',
      cause: 'build-file',
      why: expect.stringMatching(
        /^The secure value of the variable TOKEN in the build file cannot be opened by this installation: a value is damaged, or was never sealed for this installation\. Seal it again with "wipctl encrypt"/,
      ) as string,
    });
  });

  it('tells the build its secrets and nobody else', async () => {
    const secrets = { sealed: 'canary-5f1c-sealed-value', plain: 'canary-77d0-option-value' };
    const { url, token } = system.dev.access;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const { secure } = (await system.dev.json('encrypt', secrets.sealed)) as { secure: string };
    const source = makeRepository(system.place.path('secretive'), {
      'acquia-pipelines.yaml': [
        'version: 1.3.0',
        'variables:',
        '  global:',
        '    FROM_FILE:',
        `      secure: ${JSON.stringify(secure)}`,
        'events:',
        '  build:',
        '    steps:',
        '      - look:',
        '          script:',
        '            - printf %s "$FROM_FILE" | wc -c',
        '            - printf %s "$FROM_OPTION" | wc -c',
        '            - printf "%s\\n" "file=$FROM_FILE" "option=$FROM_OPTION"',
        '            - printf "%s\\n" "$FROM_FILE" >&2',
        '            - exit 9',
        '',
      ].join('\n'),
    });
    const { id } = await system.dev.client.addTask({
      kind: 'BuildSteps',
      options: { sourceVcsUri: source, vcsPath: 'main', environmentVariables: { FROM_OPTION: secrets.plain } },
    });
    const watched = await system.dev.wipctl('logs', String(id), '-f');
    const task = await system.dev.finished(id);

    expect(task).toMatchObject({ exitStatus: 'ERROR_USER', cause: 'build-failed' });
    // It reached the step: its length did.
    expect(watched.out).toContain(`${secrets.sealed.length}\n`);
    expect(watched.out).toContain(`file=${'*'.repeat(secrets.sealed.length)}\n`);
    expect(watched.out).toContain(`option=${'*'.repeat(secrets.plain.length)}\n`);

    const answers = await Promise.all(
      ['', '/transcript', '/logs', '/output?stream=stdout', '/output?stream=stderr'].map(async (path) =>
        (await fetch(`${url}/v1/tasks/${id}${path}`, { headers })).text(),
      ),
    );
    const places = {
      'the output that was watched': watched.out + watched.err,
      'what wipctl show prints': (await system.dev.wipctl('show', String(id))).out,
      'the answers of the API': answers.join('\n'),
      'the database': await system.dev.dump(),
      'what dev itself printed': system.dev.program.all,
      'the files below the data directory': textsBelow(system.place.path('.wip')),
    };
    for (const [name, text] of Object.entries(places)) {
      expect(text.length, name).toBeGreaterThan(0);
      for (const secret of Object.values(secrets)) {
        for (const form of [secret, Buffer.from(secret).toString('base64').slice(0, -4)]) {
          expect(text.includes(form), `${name} holds ${form}`).toBe(false);
        }
      }
    }
    expect(places['the files below the data directory']).toContain('SIGNAL_URL');
  });
});

/** Everything that is kept on the disk, local ECS with its overrides and the agents' logs among it. */
function textsBelow(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => readIfFile(join(directory, name)))
    .join('\n');
}

/** The system runs on: what was there a moment ago may have been replaced. */
function readIfFile(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
