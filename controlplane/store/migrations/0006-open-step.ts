/**
 * wip_begin_step with all that a step begins with, the current attempt and what its container said of its own life
 * too, as one value, so that a claim can answer it beside the task. Each statement in a volatile function sees what
 * was committed until then, and what the command that calls it has changed: the signals are looked for after the row's
 * lock was got, and nothing that is found is older than the inbox. A step that saw a signal but not what it means
 * would wait for what has come already. A step without news writes nothing: whoever raises wake_seq after the first
 * look raises it above seen_seq, and the save will notice. wip_begin_step stays for nodes of the version before.
 */
export const OPEN_STEP_SQL = `
CREATE FUNCTION wip_open_step(step_task bigint, step_token bigint, life text[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  found_task task;
  found_attempt container_attempt;
BEGIN
  SELECT * INTO found_task FROM task WHERE id = step_task AND token = step_token AND status = 2;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF found_task.wake_seq <> found_task.seen_seq THEN
    UPDATE task SET seen_seq = wake_seq WHERE id = step_task AND token = step_token AND status = 2
      RETURNING * INTO found_task;
    IF NOT FOUND THEN RETURN NULL; END IF;
    UPDATE signal SET used_at = now() FROM container_attempt attempt
      WHERE attempt.task_id = step_task AND attempt.number = found_task.current_attempt
        AND signal.attempt_id = attempt.id AND signal.used_at IS NULL;
  END IF;
  IF found_task.current_attempt IS NOT NULL THEN
    SELECT * INTO found_attempt FROM container_attempt
      WHERE task_id = step_task AND number = found_task.current_attempt;
  END IF;
  RETURN jsonb_build_object(
    'terminateRequested', found_task.terminate_requested_at IS NOT NULL,
    'paused', found_task.paused,
    'waitUntil', found_task.wait_until,
    'attempts', found_task.attempts,
    'isOverdue', coalesce(now() > found_task.started_at + make_interval(secs => found_task.max_run_seconds), false),
    'now', now(),
    'inbox', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', signal.id, 'attempt', attempt.number,
        'seq', signal.seq, 'classId', signal.class_id, 'body', signal.body, 'receivedAt', signal.received_at)
        ORDER BY attempt.number, signal.seq), '[]')
      FROM signal JOIN container_attempt attempt ON attempt.id = signal.attempt_id
      WHERE signal.task_id = step_task AND signal.used_at IS NOT NULL AND signal.consumed_at IS NULL),
    'attempt', CASE WHEN found_attempt.id IS NOT NULL THEN to_jsonb(found_attempt) END,
    'said', CASE WHEN found_attempt.id IS NULL THEN '[]' ELSE
      (SELECT coalesce(jsonb_agg(jsonb_build_object('classId', class_id, 'body', body) ORDER BY seq), '[]')
        FROM signal WHERE attempt_id = found_attempt.id AND class_id = ANY(life)) END);
END
$$;
`;
