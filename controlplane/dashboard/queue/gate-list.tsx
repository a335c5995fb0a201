import type { JSX } from 'preact';
import type { GateView } from '../../api/queue/queue-views.ts';
import { StatusIcon } from '../parts/icons.tsx';
import { now } from '../server/connection.ts';
import { closedFirst, gateDetail } from './gate-text.ts';

/** The conditions under which a task goes on: which hold, and since when the others do not. */
export function GateList({ gates }: { readonly gates: readonly GateView[] }): JSX.Element {
  return (
    <ol class="gates">
      {closedFirst(gates).map((gate) => (
        <li key={gate.code}>
          <span class={gate.isOpen ? 'i-ok' : 'i-warn'}>
            <StatusIcon shape={gate.isOpen ? 'ok' : 'shut'} />
            <span class="sr">{gate.isOpen ? 'Open' : 'Closed'}</span>
          </span>
          <div>
            {gate.isOpen ? gate.sentence : <b>{gate.sentence}</b>}
            {!gate.isOpen && (
              <p>
                {sentence(gateDetail(gate, now.value))} <Holders gate={gate} />
              </p>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Links to the tasks that keep a gate closed. */
function Holders({ gate: { code, taskIds } }: { readonly gate: GateView }): JSX.Element | null {
  if (taskIds.length === 0) return null;
  return (
    <>
      {code === 'target-in-use' ? 'The target is held by ' : 'The places are held by '}
      {taskIds.map((id, index) => (
        <span key={id}>
          {index > 0 && (index === taskIds.length - 1 ? ' and ' : ', ')}
          <a class="link nowrap" href={`/tasks/${id}`}>
            task {id}
          </a>
        </span>
      ))}
      .
    </>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
