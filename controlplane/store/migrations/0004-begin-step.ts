/**
 * The beginning of a step in one round trip; begin-step.ts says what it is for. A function and not one statement with
 * CTEs, because each statement in a volatile function sees what was committed until then: the signals must be looked
 * for after the row's lock was got. A step without news writes nothing: whoever raises wake_seq after the first look
 * raises it above seen_seq, and the save will notice.
 */
export const BEGIN_STEP_SQL = `
CREATE FUNCTION wip_begin_step(step_task bigint, step_token bigint)
RETURNS TABLE (terminate_requested boolean, paused boolean, wait_until timestamptz, current_attempt integer,
               attempts integer, is_overdue boolean,
               now timestamptz, inbox jsonb)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  found_task task;
BEGIN
  SELECT * INTO found_task FROM task WHERE id = step_task AND token = step_token AND status = 2;
  IF NOT FOUND THEN RETURN; END IF;
  IF found_task.wake_seq <> found_task.seen_seq THEN
    UPDATE task SET seen_seq = wake_seq WHERE id = step_task AND token = step_token AND status = 2
      RETURNING * INTO found_task;
    IF NOT FOUND THEN RETURN; END IF;
    UPDATE signal SET used_at = now() FROM container_attempt attempt
      WHERE attempt.task_id = step_task AND attempt.number = found_task.current_attempt
        AND signal.attempt_id = attempt.id AND signal.used_at IS NULL;
  END IF;
  RETURN QUERY SELECT
    found_task.terminate_requested_at IS NOT NULL,
    found_task.paused,
    found_task.wait_until,
    found_task.current_attempt,
    found_task.attempts,
    coalesce(now() > found_task.started_at + make_interval(secs => found_task.max_run_seconds), false),
    now(),
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', signal.id, 'attempt', attempt.number, 'seq', signal.seq,
        'classId', signal.class_id, 'body', signal.body, 'receivedAt', signal.received_at)
        ORDER BY attempt.number, signal.seq), '[]')
      FROM signal JOIN container_attempt attempt ON attempt.id = signal.attempt_id
      WHERE signal.task_id = step_task AND signal.used_at IS NOT NULL AND signal.consumed_at IS NULL);
END
$$;
`;
