/**
 * Requests to the services of others: effects that a node sends in the background, again and again until they are
 * answered. The request itself and its answer stand in `effect`; a row here lives as long as there is something to do.
 */
export const OUTBOX_SQL = `
CREATE TABLE outbox (
  effect_key text PRIMARY KEY REFERENCES effect (key) ON DELETE CASCADE,
  task_id bigint NOT NULL,
  -- Whether it may be sent again when nobody knows whether it arrived.
  is_repeatable boolean NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  -- When it is to be tried next; during a try, when that counts as abandoned.
  due_at timestamptz NOT NULL DEFAULT now(),
  trying_since timestamptz,
  give_up_at timestamptz NOT NULL,
  last_error text
);
CREATE INDEX outbox_due ON outbox (due_at);
CREATE INDEX outbox_of_task ON outbox (task_id);

-- Children that are looked for when their parent ends, and by every sweep; finished ones by the thousand are not.
CREATE INDEX task_unfinished_child ON task (parent_id) WHERE parent_id IS NOT NULL AND status <> 3;
`;
