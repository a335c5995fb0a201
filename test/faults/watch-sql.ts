/**
 * Triggers that check every change of a task while it is made, because some promises hold at each moment and not only
 * at the end. They write their findings into `violation` and change nothing else.
 */
export const WATCH_SQL = `
CREATE TABLE violation (rule text NOT NULL, detail text NOT NULL);
CREATE FUNCTION watch_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 3 AND NEW.status NOT IN (3, 4) THEN
    INSERT INTO violation VALUES ('I1', format('task %s left its final state for status %s', NEW.id, NEW.status));
  END IF;
  IF OLD.status = 3 AND NEW.status = 3
     AND (OLD.exit_status, OLD.exit_message, OLD.state) IS DISTINCT FROM (NEW.exit_status, NEW.exit_message, NEW.state) THEN
    INSERT INTO violation VALUES ('I1', format('the end of task %s was rewritten', NEW.id));
  END IF;
  IF NEW.entry < OLD.entry THEN
    INSERT INTO violation VALUES ('I5', format('the entry of task %s went back from %s to %s', NEW.id, OLD.entry, NEW.entry));
  END IF;
  IF NEW.slot = 'own' AND OLD.slot <> 'own' AND
     (SELECT count(*) FROM task WHERE group_name = NEW.group_name AND slot = 'own' AND status IN (1, 2, 4))
     > (SELECT max_running FROM group_limit WHERE name = NEW.group_name) THEN
    INSERT INTO violation VALUES ('I8', format('group %s has more tasks than it may when task %s starts', NEW.group_name, NEW.id));
  END IF;
  IF NEW.slot <> 'none' AND NEW.status <> 3 AND EXISTS (SELECT FROM task other
     WHERE other.work_id = NEW.work_id AND other.id <> NEW.id AND other.slot <> 'none' AND other.status <> 3) THEN
    INSERT INTO violation VALUES ('I8', format('task %s runs beside another of its work id', NEW.id));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER watch_task AFTER UPDATE ON task FOR EACH ROW EXECUTE FUNCTION watch_task();
`;

/**
 * An early bug that every other test passed: a save that marks signals as used which its step has never read. Planted
 * as a trigger, so that the product needs no switch for it.
 */
export const MARKS_UNREAD_SIGNALS_SQL = `
CREATE FUNCTION mark_unread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE signal SET used_at = now(), consumed_at = now() WHERE task_id = NEW.id AND used_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_unread AFTER UPDATE ON task FOR EACH ROW
  WHEN (OLD.status = 2 AND (NEW.status <> 2 OR NEW.entering IS DISTINCT FROM OLD.entering)) EXECUTE FUNCTION mark_unread();
`;
