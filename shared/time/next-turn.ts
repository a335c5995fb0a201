/** Waits for one turn of the event loop: after it, microtasks have run and Node has emitted its events for unhandled errors. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
