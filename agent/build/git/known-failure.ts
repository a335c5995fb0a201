import { OperationalError } from '../../../shared/model/error.ts';

/**
 * Returns an expected failure as one. A full disk or a file that cannot be read is no bug of this tool; whatever is not a
 * failed system call is, and is thrown again.
 */
export function knownFailure(error: unknown): OperationalError {
  if (error instanceof OperationalError) return error;
  if (!(error instanceof Error) || !('syscall' in error)) throw error;
  return new OperationalError('WORKSPACE_UNUSABLE', {
    happened: `The build cannot go on: ${error.message}`,
    remedy: 'Make sure that there is disk space and that the workspace and the temporary directory can be used',
    cause: error,
  });
}
