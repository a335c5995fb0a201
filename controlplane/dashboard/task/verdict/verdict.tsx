import type { JSX } from 'preact';
import { FAULT_LABELS } from '../../fault-labels.ts';
import { showAge, showInstant } from '../../format.ts';
import { CopyButton } from '../../parts/command.tsx';
import { StatusWord } from '../../parts/icons.tsx';
import { now } from '../../server/connection.ts';
import type { QueueView } from '../../../api/queue/queue-views.ts';
import type { FailedStepView } from '../../../api/tasks/build/build-views.ts';
import type { TaskView } from '../../../api/tasks/task-views.ts';
import { hasFailed, isEnded, isInQueue, statusWordOf } from '../../status-words.ts';
import { BuildSteps } from './build-steps.tsx';
import { NowStep, QueuePosition } from './now-step.tsx';
import { Facts } from './facts.tsx';
import { describeStep, lastLines, reportOf } from './failing-step.ts';
import { styledParts } from '../output/styled-text.ts';
import type { TaskData } from '../task-data.ts';

interface VerdictProps {
  readonly task: TaskView;
  readonly data: TaskData;
  readonly queue: QueueView | null;
}

/** The sentence, the evidence, and what to do; beside it the facts. */
export function Verdict({ task, data, queue }: VerdictProps): JSX.Element {
  const remedy = isEnded(task) ? task.remedy : (task.waiting?.remedy ?? null);
  return (
    <div class="verdict" id="why">
      <div>
        <StatusWord status={statusWordOf(task)} />
        <p class="say">{sentenceOf(task)}</p>
        {remedy && (
          <p class="then">
            <b>What to do:</b> {remedy}
          </p>
        )}
        {isInQueue(task) ? <QueuePosition task={task} queue={queue} /> : !isEnded(task) && <NowStep task={task} />}
        <BuildSteps task={task} />
        {hasFailed(task) && <FailingCommand task={task} data={data} />}
        <Evidence task={task} data={data} />
      </div>
      <Facts task={task} seenBefore={data.seenBefore.value} />
    </div>
  );
}

/** The command that failed, before everything else: with its last lines, and a way into the output. */
function FailingCommand({ task, data }: { readonly task: TaskView; readonly data: TaskData }): JSX.Element | null {
  void data.outputVersion.value; // the store itself is no signal
  const step = task.failedStep;
  const last = lastLines(data.output, task);
  if (!step && last.lines.length === 0) return null;
  return (
    <div class="failing" id="failing">
      <div class="failing-head">
        <p class="then">
          <b>{step ? <StepWords step={step} steps={task.steps} /> : 'The end of its output'}</b>
        </p>
        <span class="btns">
          {last.from !== null && (
            <a class="btn" href={`#L${last.from + 1}-L${last.from + last.lines.length}`}>
              Open in the output
            </a>
          )}
          <CopyButton
            text={() => reportOf(task, step, last, `${location.origin}/tasks/${task.id}`)}
            label="Copy as report"
            word="Copy as report"
          />
        </span>
      </div>
      <pre tabIndex={0} role="region" aria-label="The last lines of the step that failed">
        {last.lines.map((line, index) => (
          <span key={index}>
            {styledParts(line)
              .map(({ text }) => text)
              .join('')}
            {'\n'}
          </span>
        ))}
      </pre>
    </div>
  );
}

function StepWords({ step, steps }: { readonly step: FailedStepView; readonly steps: TaskView['steps'] }): JSX.Element {
  return (
    <>
      {describeStep(step, steps).map(({ text, isCode }, index) => (
        <span key={index}>
          {index > 0 && ', '}
          {isCode ? <code>{text}</code> : text}
        </span>
      ))}
    </>
  );
}

/** What the sentence rests on, in the words of those who know. */
function Evidence({ task, data }: { readonly task: TaskView; readonly data: TaskData }): JSX.Element | null {
  const attempt = data.attempts.value.at(-1);
  const rows: [who: string, what: string, when: string][] = [];
  for (const one of isEnded(task) ? task.evidence : (task.waiting?.evidence ?? [])) rows.push(['Evidence', one, '']);
  const { waiting } = task;
  if (!isEnded(task) && waiting?.count)
    rows.push(['Tried', `${waiting.count} times`, showInstant(waiting.last, now.value)]);
  if (!isEnded(task) && waiting?.until) rows.push(['Gives up', showInstant(waiting.until, now.value), '']);
  const { terminateRequest } = task;
  if (terminateRequest)
    rows.push([
      'Terminated',
      `asked for${terminateRequest.by === null ? '' : ` by ${terminateRequest.by}`}`,
      showInstant(terminateRequest.at, now.value),
    ]);
  if (isEnded(task) && attempt?.cause) {
    const end = `attempt ${attempt.number} ${attempt.state}, cause ${attempt.cause}`;
    rows.push(['Container', end, showInstant(attempt.endedAt, now.value)]);
  }
  if (task.fault !== null) rows.push(['Fault', FAULT_LABELS[task.fault], '']);
  if (rows.length === 0) return null;
  return (
    <dl class="evid">
      {rows.map(([who, what, when]) => [<dt key={`${who}-${what}`}>{who}</dt>, <dd>{what}</dd>, <dd>{when}</dd>])}
    </dl>
  );
}

/** Says what a running build does now; otherwise the sentence of the node. */
function sentenceOf(task: TaskView): string {
  const { step } = task;
  if (!step || isEnded(task) || task.isPaused || task.isTerminating) return task.why;
  return `It runs step ${step.number} of ${step.of}: ${step.name}, for ${showAge(now.value - Date.parse(step.since))}.`;
}
