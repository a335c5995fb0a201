import { OperationalError } from '../../shared/model/error.ts';
import type { Sealer } from '../../shared/keys/sealing.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { runClassCode } from './method-scope.ts';
import { prepareRequest } from '../outbox/prepare-request.ts';
import { instead } from '../../shared/text/nearest-name.ts';
import { shown } from '../../shared/text/shown-value.ts';
import type { NewRequest } from '../store/outbox/requests.ts';
import type { TaskRow } from '../store/schema.ts';
import { optionContext } from '../store/secrets/seal-contexts.ts';
import type { BasicWip } from '../tasks/basic-wip.ts';
import type { WipClass } from '../tasks/wip-class.ts';
import type { LogReport, SecretOption, StatusReport } from '../tasks/context.ts';
import type { OutgoingRequest } from '../tasks/outgoing-request.ts';

/**
 * Returns a function that opens a sealed option of a stored task; undefined for an option that the task does not have. Throws
 * OPTIONS_INVALID for an option that the class does not seal, because opening it would be reported as a lost master key.
 */
export function secretOptionsOf(
  { sealer, kinds }: { readonly sealer: Sealer; readonly kinds: ReadonlyMap<string, WipClass> },
  { uuid, kind, options }: Pick<TaskRow, 'uuid' | 'kind' | 'options'>,
): SecretOption {
  return (name) => {
    const sealed = options[name];
    const secrets = kinds.get(kind)?.options.sealed ?? [name];
    // Also of an option that the task was not given: a name that is misspelt would never have a value.
    if (!secrets.includes(name)) throw notSealed(kind, name, sealed === undefined ? secrets : null);
    if (typeof sealed !== 'string') return undefined;
    return JSON.parse(sealer.open(sealed, optionContext(uuid, name))) as unknown;
  };
}

/** `secrets`: the names of the sealed options, where the one that was asked for is perhaps misspelt. */
function notSealed(kind: string, name: string, secrets: readonly string[] | null): OperationalError {
  const hint = secrets === null ? '' : instead(String(name), secrets);
  const sealIt = 'name it in options.sealed of the kind if it is secret';
  return new OperationalError('OPTIONS_INVALID', {
    happened: `secretOption: the option ${shown(name)} of a ${kind} task is not sealed${hint}`,
    remedy: secrets === null ? `Read it as this.options.${name}, or ${sealIt}` : `Correct the name, or ${sealIt}`,
  });
}

export interface ReportMeans {
  readonly sealer: Sealer;
  readonly wip: BasicWip;
  readonly secretOption: SecretOption;
  /** Makes the keys unique. A report is stored once, in the commit of its change, so its key need not be reproducible. */
  readonly makeNonce: () => string;
}

/**
 * The requests by which a class reports changes of its task to services outside of Wip. The caller stores them in the commit of
 * the change, so that exactly the changes that happened are reported.
 */
export class TaskRequests {
  readonly #means: ReportMeans;

  constructor(means: ReportMeans) {
    this.#means = means;
  }

  /** Returns the requests for a change of status. Throws the errors of the class, and OPTIONS_INVALID for a request that cannot be sent. */
  ofStatus(report: StatusReport): NewRequest[] {
    const { wip, secretOption } = this.#means;
    return this.#prepared(
      ({ order }) => `${order ?? 'status'} ${report.status}`,
      runClassCode(wip.kind, 'statusReport', () => wip.statusReport(report, secretOption)),
    );
  }

  ofLog(report: LogReport): NewRequest[] {
    const { wip, secretOption } = this.#means;
    return this.#prepared(
      ({ order }) => order ?? 'log',
      runClassCode(wip.kind, 'logReport', () => wip.logReport(report, secretOption)),
    );
  }

  /** One change may be reported to several services, so each request has a name of its own. */
  #prepared(nameOf: (request: OutgoingRequest) => string, requests: readonly OutgoingRequest[]): NewRequest[] {
    const { sealer, wip, makeNonce } = this.#means;
    if (!Array.isArray(requests)) throw new TypeError(`a report is a list of requests, and not ${shown(requests)}`);
    return requests.map((request, index) => {
      const name = nameOf(request);
      const key = sha256Hex(`${wip.task.uuid} ${name} ${index} ${makeNonce()}`);
      return prepareRequest(sealer, { key, name, scope: 'task' }, request);
    });
  }
}
