import { LocationProvider, Route, Router } from 'preact-iso/router';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { SessionView } from '../../api/sessions/session-views.ts';
import { ClustersPage } from '../clusters/clusters-page.tsx';
import { HealthPage } from '../health/health-page.tsx';
import { Empty } from '../parts/section.tsx';
import { useTitle } from '../parts/use-title.ts';
import { QueuePage } from '../queue/queue-page.tsx';
import { usePoll } from '../server/poll.ts';
import { findSession, session } from '../server/session.ts';
import { TaskPage } from '../task/task-page.tsx';
import { TasksPage } from '../tasks/tasks-page.tsx';
import { AppDialogs, openDialog } from './app-dialogs.tsx';
import { Banners } from './banners.tsx';
import { listenForKeys, useKeys } from './keys.ts';
import { Login } from './login.tsx';
import { readInstallation } from './status-poll.ts';
import { TopBar } from './top-bar.tsx';

/** Links to the API are for the browser, not for the router. */
const PAGES = /^\/(?!v1\/|assets\/)/;
const STATUS_MS = 2_000;

export function App(): JSX.Element {
  usePoll(async () => {
    if (session.value === undefined) await findSession();
    if (session.value) await readInstallation();
  }, STATUS_MS);
  useEffect(listenForKeys, []);
  return (
    <LocationProvider scope={PAGES}>
      {session.value === null ? <Login /> : <Frame>{session.value && <Pages key={personOf(session.value)} />}</Frame>}
    </LocationProvider>
  );
}

/** What a page has read is for one person, so somebody else gets a new page. */
function personOf({ name, role }: SessionView): string {
  return `${role} ${name}`;
}

function Frame({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const keys = useMemo(
    () => ({
      g: { label: 'go to a task', run: () => openDialog('go') },
      '?': { label: 'all keys', run: () => openDialog('keys') },
    }),
    [],
  );
  useKeys(keys);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <TopBar />
      <Banners />
      <main class="page" id="main" tabIndex={-1}>
        {children}
      </main>
      <AppDialogs />
    </>
  );
}

function Pages(): JSX.Element {
  return (
    <Router>
      <Route path="/" component={TasksPage} />
      <Route path="/tasks/:id" component={TaskPage} />
      <Route path="/queue" component={QueuePage} />
      <Route path="/clusters" component={ClustersPage} />
      <Route path="/health" component={HealthPage} />
      <Route default component={NoPage} />
    </Router>
  );
}

function NoPage(): JSX.Element {
  useTitle('There is no such page');
  return (
    <Empty title="There is no such page">
      <p>The address leads nowhere.</p>
      <a class="btn main" href="/">
        All tasks
      </a>
    </Empty>
  );
}
