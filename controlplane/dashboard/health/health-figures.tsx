import type { ComponentChildren, JSX } from 'preact';
import type { GroupView } from '../../api/groups/group-views.ts';
import type { ConnectionStatus } from '../../api/state/state-views.ts';
import { installation } from '../app/status-poll.ts';
import { plural, showAge, showCount, showLatency } from '../format.ts';
import { listPauses, pauseOrigin } from '../queue/list-pauses.ts';
import { now } from '../server/connection.ts';
import { longestWaitFirst } from './longest-wait.ts';

/** The installation in a few numbers. */
export function HealthFigures({ groups }: { readonly groups: readonly GroupView[] }): JSX.Element | null {
  const status = installation.value;
  if (status === null) return null;
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const [longest] = longestWaitFirst(groups);
  const pauses = listPauses(status.pauses);
  return (
    <dl class="figs card">
      <Figure name="Nodes" value={showCount(status.nodes.length)}>
        {plural(sum(status.nodes.map(({ tasksHeld }) => tasksHeld ?? 0)), 'task')} held now
      </Figure>
      <Figure name="Running" value={showCount(sum(groups.map(({ running }) => running)))}>
        {groups.length === 0
          ? 'there are no groups yet'
          : `of ${plural(sum(groups.map(({ maxRunning }) => maxRunning)), 'place')} in ${plural(groups.length, 'group')}`}
      </Figure>
      <Figure name="Waiting" value={showCount(sum(groups.map(({ queued }) => queued)))}>
        <a class="link" href="/queue">
          the queue
        </a>
      </Figure>
      <Figure
        name="Oldest wait"
        value={showAge(longest?.oldestQueuedAt ? now.value - Date.parse(longest.oldestQueuedAt) : null)}
      >
        {longest?.oldestQueuedAt ? `group ${longest.name}` : 'nothing waits'}
      </Figure>
      {status.wakes !== undefined && <Wakes wakes={status.wakes} node={status.node} />}
      <Figure name="Pauses" value={showCount(pauses.length)}>
        {pauses.map((pause) => {
          const what = pause.group === null ? 'everything' : `group ${pause.group}`;
          const origin = pauseOrigin(pause, now.value);
          return <span key={what}>{[what, pause.type, ...(origin === '' ? [] : [origin])].join(', ')}. </span>;
        })}
      </Figure>
    </dl>
  );
}

interface WakesProps {
  readonly wakes: ConnectionStatus['wakes'];
  readonly node: string;
}

/** How long a task that may go on waits until a node takes it up. */
function Wakes({ wakes, node }: WakesProps): JSX.Element {
  if (!wakes) {
    return (
      <Figure name="Wake to claim" value={showLatency(null)}>
        {node} has claimed none
      </Figure>
    );
  }
  return (
    <Figure name="Wake to claim" value={showLatency(wakes.medianSeconds)}>
      99 % within {showLatency(wakes.p99Seconds)}; the last {showCount(wakes.count)} of {node}
    </Figure>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly children: ComponentChildren;
}

function Figure({ name, value, children }: FigureProps): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        <small>{children}</small>
      </dd>
    </div>
  );
}
