import { z } from 'zod';
import { wholeNumber } from './whole-number.ts';

/** A Wip task's number, as people type it: 1, 2, 3 …; PostgreSQL gives it out. */
export const TaskId = wholeNumber(1).brand<'TaskId'>();
export type TaskId = z.infer<typeof TaskId>;

export const TaskUuid = z.uuid().brand<'TaskUuid'>();
export type TaskUuid = z.infer<typeof TaskUuid>;

/** One container attempt of one task; its enrolment secret and ECS client token are derived from it. */
export const AttemptUuid = z.uuid().brand<'AttemptUuid'>();
export type AttemptUuid = z.infer<typeof AttemptUuid>;

/** 86 url-safe characters carry 512 random bits: the address of one container attempt's signals. */
export const CALLBACK_ID_LENGTH = 86;
export const CallbackId = z
  .string()
  .regex(new RegExp(`^[A-Za-z0-9_-]{${CALLBACK_ID_LENGTH}}$`))
  .brand<'CallbackId'>();
export type CallbackId = z.infer<typeof CallbackId>;
