import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { fieldProblems } from '../../../shared/text/field-problems.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import { decideBuild } from '../../hooks/decide-build.ts';
import { deliveryHeader, type Change, type DeliveryHeaders } from '../../hooks/delivery.ts';
import { deliveryKey, shownId } from '../../hooks/delivery-key.ts';
import { readGithubChange } from '../../hooks/github-delivery.ts';
import { readGitlabChange } from '../../hooks/gitlab-delivery.ts';
import type { Hook } from '../../hooks/hook.ts';
import { isFrom, type HookService } from '../../hooks/verify-delivery.ts';
import { parseAgentBody, RequestInvalidError } from '../http/parse-request.ts';
import type { MaintenanceService } from '../state/maintenance-service.ts';
import type { TaskService } from '../tasks/task-service.ts';
import type { HookAnswer } from './hook-views.ts';

export type { HookService } from '../../hooks/verify-delivery.ts';

interface ReceivedDelivery {
  readonly service: HookService;
  readonly headers: DeliveryHeaders;
  readonly body: Buffer;
}

export interface HookReceiver {
  /** Throws HOOK_UNKNOWN, HOOK_UNAUTHENTIC, REQUEST_INVALID, and what adding a task throws. */
  receive(delivery: ReceivedDelivery): Promise<HookAnswer>;
}

interface HookServiceDeps {
  readonly hooks: readonly Hook[];
  readonly tasks: Pick<TaskService, 'addTask'>;
  readonly maintenance: Pick<MaintenanceService, 'readMaintenance'>;
  readonly publicUrl: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

const NAMES: Readonly<Record<HookService, string>> = { github: 'GitHub', gitlab: 'GitLab' };

/**
 * Adds the builds that webhooks ask for. A git service sends a refused delivery again only when a person asks it to, so one that
 * comes during a maintenance is taken, and its build starts afterwards.
 */
export function createHookService(deps: HookServiceDeps): HookReceiver {
  return {
    async receive(delivery) {
      const hooks = findHooks(deps, delivery);
      const change = readChange(delivery);
      const keyFor = (hookId: string): string => deliveryKey(delivery.service, hookId, delivery);
      const decision = decideBuild(hooks, { keyFor, change }, deps.publicUrl());
      if (decision.kind === 'nothing') return { outcome: 'nothing', task: null, message: decision.why };
      const createdBy = `${NAMES[delivery.service]} webhook`;
      const { isOn } = await deps.maintenance.readMaintenance();
      const { id, created, superseded } = await deps.tasks.addTask({
        kind: 'BuildSteps',
        ...decision.build,
        createdBy,
        startsAfterMaintenance: isOn,
      });
      const { service, headers } = delivery;
      deps.log.info({ taskId: id, service, delivery: shownId(headers), created }, 'a webhook asked for a build');
      if (!created) return { outcome: 'known', task: id, message: `This delivery came before: it is task ${id}.` };
      const sentences = [
        `Task ${id} was added: ${decision.build.title}.`,
        ...(superseded.length > 0
          ? [`It supersedes ${superseded.length === 1 ? 'task' : 'the tasks'} ${superseded.join(', ')}.`]
          : []),
        ...(isOn ? ['It starts when the maintenance is over.'] : []),
      ];
      return { outcome: 'added', task: id, message: sentences.join(' ') };
    },
  };
}

/** Returns the hooks whose secret the sender has. The body is not trusted before. */
function findHooks({ hooks, clock }: HookServiceDeps, { service, headers, body }: ReceivedDelivery): Hook[] {
  const ofService = hooks.filter((hook) => hook.service === service);
  if (ofService.length === 0) {
    throw new OperationalError('HOOK_UNKNOWN', {
      happened: `No hook for ${NAMES[service]} is configured here`,
      remedy: `Add one under "${service}" to the file that the setting hooks_file names, or to the setting hooks, and restart the nodes`,
    });
  }
  const signed = { headers, body, now: clock.now() };
  const verified = ofService.filter(({ secrets }) => secrets.some((secret) => isFrom(service, secret, signed)));
  if (verified.length > 0) return verified;
  throw new OperationalError('HOOK_UNAUTHENTIC', {
    happened: `The delivery is not signed with the secret of a hook for ${NAMES[service]}`,
    remedy: 'Give the webhook the secret that its hook has',
  });
}

function readChange({ service, headers, body }: ReceivedDelivery): Change {
  const payload = parseAgentBody(z.unknown(), payloadOf(headers, body));
  try {
    if (service === 'gitlab') return readGitlabChange(payload);
    return readGithubChange(deliveryHeader(headers, 'x-github-event') ?? '', payload);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new RequestInvalidError('body', fieldProblems(error), error);
  }
}

/** GitHub sends JSON, or a form with the JSON in one field, as its webhook is set. */
function payloadOf(headers: DeliveryHeaders, body: Buffer): Buffer {
  const type = deliveryHeader(headers, 'content-type') ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return body;
  return Buffer.from(new URLSearchParams(body.toString()).get('payload') ?? '');
}
