/** What operators set and what the nodes keep for themselves. */
export const OPERATION_SQL = `
CREATE TABLE ecs_cluster (
  name text PRIMARY KEY,
  region text NOT NULL,
  cluster text NOT NULL,
  access_key_id text,
  secret_sealed text,
  role_arn text,
  endpoint text,
  launch jsonb NOT NULL,
  is_active boolean NOT NULL DEFAULT false,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX ecs_cluster_one_active ON ecs_cluster (is_active) WHERE is_active;

CREATE TABLE task_definition (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  family text NOT NULL,
  region text NOT NULL,
  cluster text NOT NULL,
  content_hash text NOT NULL,
  revision integer NOT NULL,
  arn text NOT NULL,
  definition jsonb NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (family, region, cluster, revision)
);
CREATE INDEX task_definition_by_content ON task_definition (family, region, cluster, content_hash);

CREATE TABLE node (
  name text PRIMARY KEY,
  version text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_token (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('viewer', 'submitter', 'operator', 'admin')),
  token_hash text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);

CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  detail jsonb
);
`;
