import type { JSX } from 'preact';
import { installation } from '../app/status-poll.ts';
import { showInstant } from '../format.ts';
import { StateSwitch } from '../parts/state-switch.tsx';
import { now } from '../server/connection.ts';
import { api } from '../server/request.ts';

export function MaintenanceButton(): JSX.Element {
  const maintenance = installation.value?.maintenance;
  const since = maintenance?.since ?? null;
  return (
    <StateSwitch
      isOn={maintenance?.isOn ?? false}
      end={{
        action: `End the maintenance of ${since === null ? 'today' : showInstant(since, now.value)}`,
        run: () => api.DELETE('/v1/state/maintenance'),
      }}
      begin={{
        title: 'Start a maintenance?',
        text: 'New tasks are refused until it ends. What runs goes on.',
        action: 'Start a maintenance',
        isDangerous: false,
        input: { label: 'Reason', initial: '', kind: 'text' },
        run: (reason) => api.PUT('/v1/state/maintenance', { body: { reason } }),
      }}
    />
  );
}
