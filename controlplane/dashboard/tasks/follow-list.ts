import { useEffect, useRef } from 'preact/hooks';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { followEvents } from '../server/event-stream.ts';
import { onWake, usePoll } from '../server/poll.ts';
import { fieldsOf } from './task-filter.ts';
import type { RowChange, TaskList } from './task-list.ts';

/** The list is read this often while its changes do not come by themselves. */
const LIST_MS = 2_000;
/** The stream does not tell of tasks that were removed after their retention. */
const REREAD_MS = 60_000;
/** The stream says something each second. After this long it is taken for dead, though nobody closed it. */
const SILENCE_MS = 5_000;
/** Changes of many tasks are drawn once in this time; two frames of a screen. */
const DRAW_MS = 33;

/** Keeps the list true while its page is shown: by the stream of its changes, and by reading it while there is none. */
export function useLiveList(list: TaskList): void {
  const stream = useRef<ListStream | null>(null);
  const readAt = useRef(0);
  useEffect(() => {
    readAt.current = 0;
    const followed = followList(list);
    stream.current = followed;
    return () => followed.stop();
  }, [list]);
  // After an action of one's own: a change that was taken back within a second is none to the stream, and the list may have
  // been read between the two. Registered before the poll that it is for.
  useEffect(() => onWake(() => (readAt.current = 0)), [list]);
  usePoll(
    async () => {
      if (stream.current?.isOpen() && Date.now() - readAt.current < REREAD_MS) return;
      // Asked again while it reads: it is read once more.
      readAt.current = Date.now();
      try {
        await list.refresh();
      } catch (error) {
        readAt.current = 0;
        throw error;
      }
    },
    LIST_MS,
    [list],
  );
}

interface ListStream {
  readonly isOpen: () => boolean;
  stop(): void;
}

/** A browser has six connections to a node for all its pages, so a page that nobody sees gives its own back. */
function followList(list: TaskList): ListStream {
  let stop = new AbortController();
  let heardAt = 0;
  const follow = (): void => {
    stop.abort();
    heardAt = 0;
    if (document.hidden) return;
    stop = new AbortController();
    void readChanges(list, stop.signal, (isOpen) => (heardAt = isOpen ? Date.now() : 0));
  };
  document.addEventListener('visibilitychange', follow);
  follow();
  return {
    isOpen: () => Date.now() - heardAt < SILENCE_MS,
    stop() {
      document.removeEventListener('visibilitychange', follow);
      stop.abort();
    },
  };
}

/** Calls `onOpen` with true for each sign of life once nothing can be missed, and with false when the stream is gone. */
async function readChanges(list: TaskList, stop: AbortSignal, onOpen: (isOpen: boolean) => void): Promise<void> {
  let read: 'no' | 'reading' | 'yes' = 'no';
  /** What changed before the stream was open is in the list that is read now. The poll repeats a reading that fails. */
  const readOnce = async (): Promise<void> => {
    if (read !== 'no') return;
    read = 'reading';
    try {
      // A page that opens is being read already; another reading beside it would keep both waiting.
      await list.settled();
      await list.refresh();
      if (read === 'reading') read = 'yes';
    } catch {
      read = 'no';
    }
  };
  const take = drawnTogether(list, stop);
  await followEvents(
    `/v1/stream?${new URLSearchParams(fieldsOf(list.filter) as Record<string, string>)}`,
    {
      onEvent: (event, data) => {
        if (event === 'checked') void readOnce();
        if (event === 'task') take(JSON.parse(data) as TaskSummary);
        if (event === 'left') take({ left: (JSON.parse(data) as { id: number }).id });
        if (read === 'yes') onOpen(true);
        return true;
      },
      onRefused: () => onOpen(false), // the list is refused for the same reason, and says so
      onBroken: () => {
        read = 'no';
        onOpen(false);
      },
    },
    stop,
  );
}

function drawnTogether(list: TaskList, stop: AbortSignal): (change: RowChange) => void {
  const waiting: RowChange[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (change) => {
    waiting.push(change);
    timer ??= setTimeout(() => {
      timer = undefined;
      if (!stop.aborted) list.change(waiting.splice(0));
    }, DRAW_MS);
  };
}
