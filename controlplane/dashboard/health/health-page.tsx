import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { GroupView } from '../../api/groups/group-views.ts';
import { Footer } from '../app/footer.tsx';
import { installation } from '../app/status-poll.ts';
import { plural } from '../format.ts';
import { StatusIcon } from '../parts/icons.tsx';
import { useTitle } from '../parts/use-title.ts';
import { usePoll } from '../server/poll.ts';
import { api, bodyOf } from '../server/request.ts';
import { mayDo } from '../server/session.ts';
import { Alarms } from './alarms.tsx';
import { Causes } from './causes.tsx';
import { EcsQuotas } from './ecs-quotas.tsx';
import { FleetGroups } from './fleet-groups.tsx';
import { HealthFigures } from './health-figures.tsx';
import { MaintenanceButton } from './maintenance-button.tsx';
import { Nodes } from './nodes.tsx';
import { Reconciled } from './reconciled.tsx';

const GROUPS_MS = 5_000;

/** Whether the installation itself is well. */
export function HealthPage(): JSX.Element {
  const groups = useSignal<readonly GroupView[] | null>(null);
  const alarms = useSignal<number | null>(null);
  usePoll(async () => void (groups.value = (await bodyOf(api.GET('/v1/groups'))).groups), GROUPS_MS);
  useTitle('Health');
  const status = installation.value;
  const isOperator = mayDo('operator');
  return (
    <>
      <div class="head">
        <h1>Health</h1>
        {alarms.value !== null && <Summary alarms={alarms.value} />}
        {isOperator && <MaintenanceButton />}
      </div>
      {groups.value && <HealthFigures groups={groups.value} />}
      <div class={isOperator ? 'cols even' : 'gap-b'}>
        {isOperator && <Alarms onAlarms={(count) => void (alarms.value = count)} />}
        <Causes />
      </div>
      <div class="gap-b">{groups.value && groups.value.length > 0 && <FleetGroups groups={groups.value} />}</div>
      <div class="gap-b">{status && <Nodes nodes={status.nodes} own={status.node} />}</div>
      {isOperator && (
        <div class="gap-b">
          <EcsQuotas />
        </div>
      )}
      <Reconciled />
      <Footer keys={[]} />
    </>
  );
}

function Summary({ alarms }: { readonly alarms: number }): JSX.Element {
  if (alarms === 0) return <p class="muted">All checks are well.</p>;
  return (
    <a class="st st-warn" href="#alarms">
      <StatusIcon shape="warn" />
      {plural(alarms, 'thing')} to look at
    </a>
  );
}
