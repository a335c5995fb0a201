/**
 * Tasks, their recording and the effects they asked for. The partial indexes are what claim-tasks.ts and
 * admit-tasks.ts search by, so that 100,000 sleeping or finished tasks cost a claim nothing.
 */
export const TASKS_SQL = `
CREATE TABLE setting (
  name text PRIMARY KEY,
  value jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
-- ECS tasks of this installation are told from those of others by it (startedBy, tags).
INSERT INTO setting (name, value) VALUES ('installationId', to_jsonb(gen_random_uuid()));

CREATE TABLE group_limit (
  name text PRIMARY KEY,
  max_running integer NOT NULL DEFAULT 3 CHECK (max_running >= 0),
  -- Tasks that hold a slot of the group; moved only under the lock of this row.
  running integer NOT NULL DEFAULT 0 CHECK (running >= 0),
  pause text CHECK (pause IN ('soft', 'hard')),
  retention_days integer NOT NULL DEFAULT 3 CHECK (retention_days >= 0)
);

CREATE TABLE task (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  work_id text NOT NULL,
  parent_id bigint REFERENCES task (id) ON DELETE SET NULL,
  kind text NOT NULL,
  class_version text NOT NULL,
  title text NOT NULL,
  group_name text NOT NULL REFERENCES group_limit (name),
  priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
  is_prioritized boolean NOT NULL DEFAULT false,
  -- NOT_STARTED 0, WAITING 1, PROCESSING 2, COMPLETE 3, RESTARTED 4, NOT_READY 99
  status smallint NOT NULL DEFAULT 0 CHECK (status IN (0, 1, 2, 3, 4, 99)),
  slot text NOT NULL DEFAULT 'none' CHECK (slot IN ('none', 'own', 'parent')),
  exit_status smallint NOT NULL DEFAULT 0 CHECK (exit_status BETWEEN 0 AND 5),
  exit_message text,
  exit_detail text,
  cause text,
  state text,
  entry integer NOT NULL DEFAULT 0,
  entering text,
  position jsonb,
  contexts jsonb NOT NULL DEFAULT '{}',
  memory jsonb NOT NULL DEFAULT '{}',
  timers jsonb NOT NULL DEFAULT '{}',
  options jsonb NOT NULL,
  created_by text,
  client_job_id text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  completed_at timestamptz,
  max_run_seconds integer,
  wake_at timestamptz NOT NULL DEFAULT now(),
  wait_until timestamptz,
  is_cut_by_signals boolean NOT NULL DEFAULT false,
  waits_for text,
  paused boolean NOT NULL DEFAULT false,
  terminate_requested_at timestamptz,
  -- Raised at every claim; a save with an older one is fenced.
  token bigint NOT NULL DEFAULT 0,
  owner text,
  lease_until timestamptz,
  -- Raised by everything a task must notice; seen_seq is its value when the present step began.
  wake_seq bigint NOT NULL DEFAULT 0,
  seen_seq bigint NOT NULL DEFAULT 0,
  urgent_seq bigint NOT NULL DEFAULT 0,
  takeovers integer NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  current_attempt integer
);
-- One started task per work id, whatever the nodes do.
CREATE UNIQUE INDEX task_one_started_per_work_id ON task (work_id) WHERE slot <> 'none' AND status <> 3;
CREATE INDEX task_due ON task (wake_at) WHERE status IN (1, 4);
CREATE INDEX task_leased ON task (lease_until) WHERE status = 2;
CREATE INDEX task_queued ON task (group_name, is_prioritized DESC, priority, id) WHERE slot = 'none' AND status IN (0, 4);
-- Those that need no room in a group: children of started tasks, and tasks to be ended before they began.
CREATE INDEX task_queued_apart ON task (id)
  WHERE slot = 'none' AND status IN (0, 4) AND (parent_id IS NOT NULL OR terminate_requested_at IS NOT NULL);
CREATE INDEX task_owned ON task (owner) WHERE status = 2;
CREATE INDEX task_of_parent ON task (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX task_ended ON task (group_name, completed_at) WHERE status = 3;
CREATE INDEX task_by_status ON task (status, id);

CREATE TABLE effect (
  key text PRIMARY KEY,
  task_id bigint NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  name text NOT NULL,
  scope text NOT NULL,
  state text NOT NULL DEFAULT 'intended' CHECK (state IN ('intended', 'answered', 'refused', 'unknown')),
  request text NOT NULL,
  answer jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz
);
CREATE INDEX effect_of_task ON effect (task_id);

CREATE TABLE step (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id bigint NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  entry integer NOT NULL,
  from_state text,
  value text,
  state text NOT NULL,
  executed boolean NOT NULL,
  timer text,
  started_at timestamptz NOT NULL,
  took_ms integer NOT NULL,
  wait_seconds integer NOT NULL,
  note text
);
CREATE INDEX step_of_task ON step (task_id, id);

CREATE TABLE task_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id bigint NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  level smallint NOT NULL CHECK (level BETWEEN 1 AND 7),
  message text NOT NULL,
  is_user_readable boolean NOT NULL
);
CREATE INDEX task_log_of_task ON task_log (task_id, id);
`;
