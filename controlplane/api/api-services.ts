import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import type { EnrolmentWorld } from './agents/enrolment-routes.ts';
import type { ReportWorld } from './agents/report-routes.ts';
import type { SignalWorld } from './agents/signal-routes.ts';
import type { AuthenticationWorld } from './http/authentication.ts';
import type { ErrorWorld } from './http/errors.ts';
import type { CallersWorld } from './http/guard-callers.ts';
import type { HealthWorld } from './health/health-routes.ts';
import type { RateSettings } from './limits/request-limits.ts';
import type { OperationWorld } from './operation-routes.ts';
import type { SealWorld } from './secrets/build-value-routes.ts';
import type { TaskControlWorld } from './tasks/task-control-routes.ts';
import type { TaskDetailWorld } from './tasks/task-detail-routes.ts';
import type { TaskReadWorld } from './tasks/own-task.ts';
import type { TaskRecordingWorld } from './tasks/task-recording-routes.ts';
import type { TaskStreamWorld } from './tasks/task-stream-routes.ts';
import type { TaskSubmitWorld } from './tasks/task-routes.ts';

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
