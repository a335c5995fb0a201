import { z } from 'zod';
import { TranscriptAnswer } from '../../api/tasks/recording/task-recording-views.ts';
import { ExitStatusName, TaskPage, TaskView } from '../../api/tasks/task-views.ts';
import { AuditPage } from '../../api/audit/audit-views.ts';
import { ClusterCheckAnswer, ClustersAnswer, ClusterView } from '../../api/clusters/cluster-views.ts';
import {
  DefinitionDetailView,
  DefinitionDiffAnswer,
  DefinitionsAnswer,
} from '../../api/definitions/definition-views.ts';
import { DoctorAnswer } from '../../api/doctor/doctor-views.ts';
import { GroupsAnswer, GroupView } from '../../api/groups/group-views.ts';
import { BuildKeysView, RotationAnswer, SealedValueAnswer, SecretsView } from '../../api/secrets/secret-views.ts';
import {
  MaintenanceView,
  PausesView,
  ReconcileReportView,
  RestoredAnswer,
  StartReportsAnswer,
} from '../../api/state/state-views.ts';
import { NewTokenAnswer, TokensAnswer, TokenView } from '../../api/tokens/token-views.ts';
import type { Explanation } from '../../containers/causes/explain-described.ts';
import { Fault, Retry } from '../../../shared/model/fault.ts';
import { InstallationCheck } from '../commands/check-command.ts';
import { TaskResults } from '../commands/each-task.ts';
import { Versions } from '../commands/version-command.ts';
import { ConfigCheck } from '../configuration/check-config-command.ts';
import { ConfigDifferences } from '../configuration/diff-config-command.ts';
import { ConfigExplanation } from '../configuration/explain-config-command.ts';
import { TaskEvent } from '../client/watch-event.ts';
import { RandomSimulation, ScriptedSimulation, TableLint } from './table-schemas.ts';

const Text = z.string();

/** One task as itself, several as a list beside those that were refused. */
const OneOrSeveral = z.union([TaskView, TaskResults]);

const Explained: z.ZodType<Explanation> = z.object({
  cause: Text.nullable(),
  fault: Fault.nullable(),
  retry: Retry.nullable(),
  sentence: Text,
  remedy: Text,
  evidence: z.array(Text),
});

const BuildFileProblem = z.looseObject({ message: Text });
const BuildFileLint = z.object({
  isValid: z.boolean(),
  problems: z.array(BuildFileProblem),
  /** Absent when the file is not valid. */
  warnings: z.array(Text).optional(),
});

/** The schema of each command's `--json` output, by the words of the command. Fields may be added, and none is taken away. */
export const JSON_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  run: TaskView,
  add: TaskView,
  canary: TaskView,
  tasks: TaskPage,
  show: TaskView,
  /** Each line of the output is one event. */
  logs: TaskEvent,
  transcript: TranscriptAnswer.extend({
    kind: Text,
    options: z.record(Text, z.unknown()),
    exit: z
      .object({
        status: ExitStatusName,
        message: Text.nullable(),
        cause: Text.nullable(),
        fault: Fault.nullable(),
        remedy: Text.nullable(),
        evidence: z.array(Text),
      })
      .nullable(),
  }),
  terminate: OneOrSeveral,
  restart: OneOrSeveral,
  prioritise: OneOrSeveral,
  wait: OneOrSeveral,
  open: z.object({ url: Text }),
  ssh: z.object({ command: z.array(Text) }),
  pause: z.union([TaskResults, PausesView]),
  resume: z.union([TaskResults, PausesView]),
  encrypt: SealedValueAnswer,
  groups: z.union([GroupsAnswer, GroupView, z.object({ deleted: Text })]),
  'maintenance on': MaintenanceView,
  'maintenance off': MaintenanceView,
  'maintenance status': MaintenanceView,
  doctor: DoctorAnswer,
  check: InstallationCheck,
  'clusters list': ClustersAnswer,
  'clusters show': ClusterView,
  'clusters save': ClusterView,
  'clusters use': ClusterView,
  'clusters delete': z.object({ deleted: Text }),
  'definitions list': DefinitionsAnswer,
  'definitions show': DefinitionDetailView,
  'definitions diff': DefinitionDiffAnswer,
  'config explain': ConfigExplanation,
  'config check': ConfigCheck,
  'config diff': ConfigDifferences,
  version: Versions,
  'context list': z.object({
    current: Text.nullable(),
    contexts: z.array(z.object({ name: Text, server: Text })),
  }),
  'tokens create': NewTokenAnswer,
  'tokens list': TokensAnswer,
  'tokens revoke': TokenView,
  'secrets rotate': z.union([RotationAnswer, SecretsView]),
  'secrets status': SecretsView,
  'secrets rotate-build-key': BuildKeysView,
  'secrets build-keys': BuildKeysView,
  audit: AuditPage,
  'db dump': z.object({ file: Text, tasks: z.int(), rows: z.int(), bytes: z.int() }),
  'db restore': z.object({ file: Text, installationId: Text, dumpedAt: Text, rows: z.int() }),
  'ecs explain': z.union([Explained, z.array(Explained)]),
  'ecs check': ClusterCheckAnswer,
  'ecs reconcile': z.union([ReconcileReportView, StartReportsAnswer]),
  'ecs confirm-restore': z.object({ confirmed: RestoredAnswer.shape.restored }),
  'ecs local': z.object({
    endpoint: Text,
    region: Text,
    clusters: z.array(Text),
    accessKeyId: Text,
    secretAccessKey: Text,
    directory: Text,
    pid: z.int(),
  }),
  lint: BuildFileLint,
  'table lint': TableLint,
  'table simulate': z.union([ScriptedSimulation, RandomSimulation]),
};
