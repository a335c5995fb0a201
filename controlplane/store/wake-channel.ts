/** The LISTEN/NOTIFY channel; its payload is the id of a task that has become runnable or has ended. Only ever a hint. */
export const WAKE_CHANNEL = 'wip_wake';

/** The payload that means that any task may have become runnable. */
export const ANY_TASK = '';
