import type { JSX } from 'preact';
import { showAge, showClock } from '../format.ts';
import { StatusIcon } from '../parts/icons.tsx';
import { connection, heardAt, now, retryAt } from '../server/connection.ts';
import { tryNow } from '../server/poll.ts';
import { session, wasReplaced } from '../server/session.ts';
import { installation } from './status-poll.ts';

export function Banners(): JSX.Element {
  return (
    <>
      <LostBanner />
      <OtherPersonBanner />
      <MaintenanceBanner />
    </>
  );
}

function LostBanner(): JSX.Element | null {
  if (connection.value !== 'lost') return null;
  const heard = heardAt.value;
  const tryIn = retryAt.value === null ? null : retryAt.value - now.value;
  return (
    <div class="banner" role="status">
      <StatusIcon shape="start" />
      <p>
        <b>The node does not answer; reconnecting…</b>{' '}
        {heard === null
          ? 'Nothing has been read yet.'
          : `What you see is as of ${showClock(heard)}, ${showAge(now.value - heard)} ago. Builds go on meanwhile.`}
      </p>
      <span class="end muted">
        {tryIn !== null && tryIn > 0 && `next try in ${showAge(tryIn + 999)} `}
        <button class="btn" type="button" onClick={tryNow}>
          Try now
        </button>
      </span>
    </div>
  );
}

/** All tabs of a browser are signed in as one person. What was refused meanwhile was not done. */
function OtherPersonBanner(): JSX.Element | null {
  const person = session.value;
  if (!wasReplaced.value || !person) return null;
  return (
    <div class="banner" role="status">
      <StatusIcon shape="warn" />
      <p>
        <b>
          This browser is signed in as {person.name} · {person.role} now.
        </b>{' '}
        Somebody signed in so in another tab. What was refused meanwhile was not done.
      </p>
      <span class="end">
        <button class="btn" type="button" onClick={() => void (wasReplaced.value = false)}>
          Understood
        </button>
      </span>
    </div>
  );
}

function MaintenanceBanner(): JSX.Element | null {
  const maintenance = installation.value?.maintenance;
  if (!maintenance?.isOn) return null;
  const since = maintenance.since === null ? '' : ` since ${showClock(maintenance.since)}`;
  return (
    <div class="banner" role="status">
      <StatusIcon shape="pause" />
      <p>
        <b>
          Maintenance{since}
          {maintenance.by !== null && ` by ${maintenance.by}`}
          {maintenance.reason !== null && `: ${maintenance.reason}`}.
        </b>{' '}
        Nothing new is taken; what runs goes on.
      </p>
    </div>
  );
}
