/** A mistake in a test or its script, told to its author. It is never an error of the task. */
export class TestkitError extends Error {
  override readonly name = 'TestkitError';
}
