/** The LISTEN/NOTIFY channel; its payload is the id of a task that has become runnable. Only ever a hint. */
export const WAKE_CHANNEL = 'wip_wake';
