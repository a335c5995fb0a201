/**
 * Containers and what they say. Chunks and samples come by the thousand and carry no foreign key: each check would
 * lock the attempt's row. prune-finished.ts deletes them with their task.
 */
export const CONTAINERS_SQL = `
CREATE TABLE container_attempt (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uuid uuid NOT NULL UNIQUE,
  task_id bigint NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  number integer NOT NULL,
  cluster text NOT NULL,
  task_definition text,
  state text NOT NULL DEFAULT 'intended' CHECK (state IN ('intended', 'launched', 'void', 'stopped')),
  arn text,
  -- Key of the effect that launches it.
  launch_key text NOT NULL UNIQUE,
  callback_id text NOT NULL UNIQUE,
  secret_hash text NOT NULL,
  client_key_sealed text,
  client_public_key text,
  signing_key_sealed text,
  key_id text,
  nonce text,
  host_key text,
  agent_version text,
  address jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  launched_at timestamptz,
  running_at timestamptz,
  enrolled_at timestamptz,
  first_signature_at timestamptz,
  agent_seen_at timestamptz,
  ready_at timestamptz,
  ssh_verified_at timestamptz,
  reused_at timestamptz,
  resolved_at timestamptz,
  cause text,
  ecs_witness jsonb,
  ssh_witness jsonb,
  UNIQUE (task_id, number)
);
CREATE UNIQUE INDEX attempt_one_live_per_task ON container_attempt (task_id) WHERE state IN ('intended', 'launched');
CREATE INDEX attempt_live ON container_attempt (cluster) WHERE state IN ('intended', 'launched');
CREATE INDEX attempt_arn ON container_attempt (arn) WHERE arn IS NOT NULL;

CREATE TABLE signal (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  attempt_id bigint NOT NULL REFERENCES container_attempt (id) ON DELETE CASCADE,
  task_id bigint NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  seq integer NOT NULL,
  webhook_id text NOT NULL,
  class_id text NOT NULL,
  body jsonb NOT NULL,
  body_sha256 text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz,
  consumed_at timestamptz,
  UNIQUE (attempt_id, webhook_id)
);
CREATE INDEX signal_unused ON signal (attempt_id) WHERE used_at IS NULL;
CREATE INDEX signal_inbox ON signal (task_id) WHERE consumed_at IS NULL;
CREATE INDEX signal_of_task ON signal (task_id, class_id);

CREATE TABLE output_stream (
  -- The order in which streams began.
  id bigint GENERATED ALWAYS AS IDENTITY,
  attempt_id bigint NOT NULL,
  task_id bigint NOT NULL,
  process_id text NOT NULL,
  stream text NOT NULL CHECK (stream IN ('stdout', 'stderr')),
  stored_bytes bigint NOT NULL DEFAULT 0,
  trimmed_bytes bigint NOT NULL DEFAULT 0,
  end_offset bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (attempt_id, process_id, stream)
);
CREATE INDEX output_stream_of_task ON output_stream (task_id);

CREATE TABLE output_chunk (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  attempt_id bigint NOT NULL,
  task_id bigint NOT NULL,
  process_id text NOT NULL,
  stream text NOT NULL,
  byte_offset bigint NOT NULL,
  bytes bytea NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (attempt_id, process_id, stream, byte_offset)
);
-- Output is bytes that hardly ever repeat; trying to compress them costs more than it saves.
ALTER TABLE output_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE INDEX output_chunk_of_task ON output_chunk (task_id, id);

CREATE TABLE usage_sample (
  attempt_id bigint NOT NULL,
  at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  usage jsonb NOT NULL,
  progress bigint NOT NULL,
  seconds_to_time_limit double precision,
  seconds_to_disk_limit double precision,
  PRIMARY KEY (attempt_id, at)
);
`;
