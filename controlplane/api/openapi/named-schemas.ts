import type { z } from 'zod';
import { AuditPage } from '../audit/audit-views.ts';
import { ClusterView } from '../clusters/cluster-views.ts';
import { DoctorAnswer } from '../doctor/doctor-views.ts';
import { GroupView } from '../groups/group-views.ts';
import { PingAnswer } from '../health/health-views.ts';
import { ErrorAnswer } from '../http/error-answer.ts';
import { KindTableAnswer } from '../kinds/kind-views.ts';
import { BuildKeysView, RotationAnswer, SecretsView } from '../secrets/secret-views.ts';
import { ConnectionStatus, MaintenanceView, PausesView } from '../state/state-views.ts';
import { AttemptDetail, EventView } from '../tasks/task-detail-views.ts';
import { LogView, OutputView, StepView } from '../tasks/recording/task-recording-views.ts';
import { TaskPage, TaskSummary, TaskView } from '../tasks/task-views.ts';
import { BuildStepView, FailedStepView, RunningStepView, SourceView, UsualView } from '../tasks/build/build-views.ts';
import { LimitsView, TaskAttemptView, UsageView } from '../tasks/attempt-views.ts';
import { MeAnswer, NewTokenAnswer, TokenView } from '../tokens/token-views.ts';

/** Views that have a name in the document, and so in clients that are generated from it. All other schemas are written inline. */
export const NAMED_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  AttemptDetail,
  AuditPage,
  BuildKeysView,
  BuildStepView,
  ClusterView,
  ConnectionStatus,
  DoctorAnswer,
  ErrorAnswer,
  EventView,
  FailedStepView,
  GroupView,
  KindTableAnswer,
  LimitsView,
  LogView,
  MaintenanceView,
  MeAnswer,
  NewTokenAnswer,
  OutputView,
  PausesView,
  PingAnswer,
  RotationAnswer,
  RunningStepView,
  SecretsView,
  SourceView,
  StepView,
  TaskAttemptView,
  TaskPage,
  TaskSummary,
  TaskView,
  TokenView,
  UsageView,
  UsualView,
};
