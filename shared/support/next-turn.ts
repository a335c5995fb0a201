/** Waits for one turn of the event loop: microtasks are over then, and Node has told of the errors that nobody handles. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
