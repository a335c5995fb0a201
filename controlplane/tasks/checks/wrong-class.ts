import { OperationalError } from '../../../shared/model/error.ts';

/** An error of the author of a class, found before any task of it runs. */
export function wrongClass(happened: string, remedy: string, cause?: unknown): OperationalError {
  return new OperationalError('KIND_INVALID', { happened, remedy, cause });
}

/** `name`: of the class. `member`: what was read or called, such as `title` or `workId()`. */
export function isPromise(name: string, member: string): OperationalError {
  return wrongClass(`"${member}" of ${name} is a promise`, 'It is read at once: take the word "async" away');
}
