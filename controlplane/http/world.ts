import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import type { EnrolmentWorld } from './agent/enrolment.ts';
import type { ReportWorld } from './agent/reports.ts';
import type { SignalWorld } from './agent/signals.ts';
import type { AuthenticationWorld } from './authentication.ts';
import type { ErrorWorld } from './errors.ts';
import type { CallersWorld } from './guard-callers.ts';
import type { HealthWorld } from './health.ts';
import type { RateSettings } from './limits/request-limits.ts';
import type { OperationWorld } from './operation/routes.ts';
import type { SealWorld } from './sealing.ts';
import type { TaskControlWorld } from './tasks/control.ts';
import type { TaskDetailWorld } from './tasks/detail.ts';
import type { TaskReadWorld } from './tasks/read.ts';
import type { TaskRecordingWorld } from './tasks/recording.ts';
import type { TaskStreamWorld } from './tasks/stream.ts';
import type { TaskSubmitWorld } from './tasks/submit.ts';

/** Everything the routes need of the rest of the program, as functions; each part is declared beside its routes. */
export interface HttpWorld
  extends
    AuthenticationWorld,
    CallersWorld,
    HealthWorld,
    EnrolmentWorld,
    ErrorWorld,
    SignalWorld,
    ReportWorld,
    TaskSubmitWorld,
    TaskReadWorld,
    TaskRecordingWorld,
    TaskStreamWorld,
    TaskDetailWorld,
    TaskControlWorld,
    OperationWorld,
    SealWorld {
  readonly rates: RateSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** Names a request in its answer and in the log. */
  readonly createRequestId: () => string;
}
