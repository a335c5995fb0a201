/**
 * wip_open_step for less: a claim that writes the task's row anyway has noted what it has seen and says so
 * (`has_news`; null: look), so that the row is written once; what a container said of its own life is found by an
 * index however many other signals it sent; and no session plans the statements in here anew for each step, which took
 * longer than running them. wip_open_step stays for nodes of the version before.
 */
export const TAKE_STEP_SQL = `
CREATE INDEX signal_by_class ON signal (attempt_id, class_id, seq);

CREATE FUNCTION wip_take_step(step_task bigint, step_token bigint, has_news boolean) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  found_task task;
BEGIN
  SELECT * INTO found_task FROM task WHERE id = step_task AND token = step_token AND status = 2;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF has_news IS NULL THEN
    has_news := found_task.wake_seq <> found_task.seen_seq;
    IF has_news THEN
      UPDATE task SET seen_seq = wake_seq WHERE id = step_task AND token = step_token AND status = 2
        RETURNING * INTO found_task;
      IF NOT FOUND THEN RETURN NULL; END IF;
    END IF;
  END IF;
  -- A statement of its own, after the lock of the task's row: it sees each signal that wake_seq has counted.
  IF has_news THEN
    UPDATE signal SET used_at = now() FROM container_attempt attempt
      WHERE attempt.task_id = step_task AND attempt.number = found_task.current_attempt
        AND signal.attempt_id = attempt.id AND signal.used_at IS NULL;
  END IF;
  RETURN (SELECT jsonb_build_object(
    'terminateRequested', found_task.terminate_requested_at IS NOT NULL,
    -- As claims see it: a task's own pause yields to its termination, a hard one of its group or of all does not.
    'paused', (found_task.paused AND found_task.terminate_requested_at IS NULL)
      OR EXISTS (SELECT FROM setting WHERE name = 'pause' AND value = '"hard"')
      OR EXISTS (SELECT FROM group_limit WHERE name = found_task.group_name AND pause = 'hard'),
    'waitUntil', found_task.wait_until,
    'attempts', found_task.attempts,
    'isOverdue', coalesce(now() > found_task.started_at + make_interval(secs => found_task.max_run_seconds), false),
    'now', now(),
    'inbox', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', signal.id, 'attempt', sender.number,
        'seq', signal.seq, 'classId', signal.class_id, 'body', signal.body, 'receivedAt', signal.received_at)
        ORDER BY sender.number, signal.seq), '[]')
      FROM signal JOIN container_attempt sender ON sender.id = signal.attempt_id
      WHERE signal.task_id = step_task AND signal.used_at IS NOT NULL AND signal.consumed_at IS NULL),
    'attempt', to_jsonb(attempt),
    'said', (SELECT coalesce(jsonb_agg(jsonb_build_object('classId', first.class_id, 'body', first.body) ORDER BY first.seq), '[]')
      FROM unnest(ARRAY[
          '$acquia.wip.signal.container.complete',
          '$acquia.wip.signal.container.terminated',
          '$acquia.wip.signal.container.data']) AS life(class_id)
        CROSS JOIN LATERAL (
          SELECT signal.class_id, seq, body FROM signal
          WHERE attempt_id = attempt.id AND signal.class_id = life.class_id ORDER BY seq LIMIT 1) AS first))
    FROM (SELECT) AS one
      LEFT JOIN container_attempt attempt ON attempt.task_id = step_task AND attempt.number = found_task.current_attempt);
END
$$;
`;
