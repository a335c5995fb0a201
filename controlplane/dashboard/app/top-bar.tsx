import { useLocation } from 'preact-iso/router';
import type { JSX } from 'preact';
import { showAge } from '../format.ts';
import { DotIcon, Mark, PersonIcon, SearchIcon, StatusIcon, ThemeIcon } from '../parts/icons.tsx';
import { connection, heardAt, isAway, now } from '../server/connection.ts';
import { mayDo, session } from '../server/session.ts';
import { openDialog } from './app-dialogs.tsx';
import { nextTheme, theme } from './theme.ts';

const PAGES = [
  { path: '/', word: 'Tasks', isFor: 'viewer' },
  { path: '/queue', word: 'Queue', isFor: 'viewer' },
  { path: '/clusters', word: 'Clusters', isFor: 'operator' },
  { path: '/health', word: 'Health', isFor: 'viewer' },
] as const;

export function TopBar(): JSX.Element {
  const { path } = useLocation();
  const isCurrent = (page: string): boolean => path === page || (page === '/' && path.startsWith('/tasks/'));
  return (
    <header class="top">
      <a class="brand" href="/">
        <Mark />
        Wip
      </a>
      <nav class="nav" aria-label="Pages">
        {PAGES.filter(({ isFor }) => mayDo(isFor)).map(({ path: page, word }) => (
          <a key={page} href={page} {...(isCurrent(page) && { 'aria-current': 'page' as const })}>
            {word}
          </a>
        ))}
      </nav>
      <div class="top-end">
        <button class="jump" type="button" onClick={() => openDialog('go')}>
          <SearchIcon />
          <span>Go to task…</span>
          <kbd>g</kbd>
        </button>
        <ConnectionWord />
        {session.value && (
          <button
            class="who"
            type="button"
            aria-haspopup="dialog"
            aria-label={`Account: ${session.value.name} · ${session.value.role}`}
            title="Who is signed in, and signing out"
            onClick={() => openDialog('account')}
          >
            <PersonIcon />
            <span>
              {session.value.name} · {session.value.role}
            </span>
          </button>
        )}
        <button
          class="icon-btn"
          type="button"
          aria-label={`Theme: ${theme.value === 'system' ? 'as the system' : theme.value}`}
          onClick={nextTheme}
        >
          <ThemeIcon />
        </button>
      </div>
    </header>
  );
}

/** An answer every two seconds is usual; after this long without one the age is shown. */
const QUIET_MS = 3_000;

function ConnectionWord(): JSX.Element {
  const age = heardAt.value === null ? null : now.value - heardAt.value;
  const isLost = isAway.value;
  const word = { connecting: 'Connecting', live: 'Live', silent: 'Reconnecting', lost: 'Reconnecting' }[
    connection.value
  ];
  return (
    <span class={isLost ? 'conn lost' : 'conn'}>
      {isLost ? <StatusIcon shape="start" size={10} /> : <DotIcon />}
      <span role="status">{word}</span>
      {age !== null && age >= QUIET_MS && <span class="nowrap">· {showAge(age)} ago</span>}
    </span>
  );
}
