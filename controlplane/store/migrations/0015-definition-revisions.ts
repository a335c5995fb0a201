/**
 * Task definitions by the account that they were registered in, as far as an address and the caller tell it: the same
 * cluster name in another account had used the ARN of the first. `task_definition` stays for nodes of the version before, which
 * register for themselves.
 */
export const DEFINITION_REVISIONS_SQL = `
CREATE TABLE definition_revision (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  family text NOT NULL,
  region text NOT NULL,
  cluster text NOT NULL,
  -- Empty: Amazon's.
  endpoint text NOT NULL,
  -- An account where an ARN names it, else an access key; empty: the credentials of the node.
  caller text NOT NULL,
  content_hash text NOT NULL,
  revision integer NOT NULL,
  arn text NOT NULL,
  definition jsonb NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT now(),
  -- Within an hour: a launch writes it when it is older.
  used_at timestamptz NOT NULL DEFAULT now(),
  -- No launch is pinned to it from then on.
  retired_at timestamptz,
  deregistered_at timestamptz,
  UNIQUE (endpoint, caller, arn)
);
CREATE INDEX definition_revision_by_content
  ON definition_revision (family, region, cluster, endpoint, caller, content_hash) WHERE retired_at IS NULL;
`;
