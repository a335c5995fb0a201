import type { JSX } from 'preact';
import type { GroupView } from '../../api/groups/group-views.ts';
import { StatusWord } from '../parts/icons.tsx';
import { now } from '../server/connection.ts';
import { pauseOrigin } from './list-pauses.ts';

/** How a group is paused, since when and by whom; a dash when it is not. */
export function PauseWord({ group }: { readonly group: GroupView }): JSX.Element {
  const { pause, pausedSince = null, pausedBy = null } = group;
  if (pause === null) return <>–</>;
  return (
    <>
      <StatusWord status={{ shape: 'pause', word: pause }} />{' '}
      <span class="muted">{pauseOrigin({ since: pausedSince, by: pausedBy }, now.value)}</span>
    </>
  );
}
