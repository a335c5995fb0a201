/** A node that has missed three heartbeats of 10 s counts as dead: its shares of quotas and of the sweep go to other nodes. */
export const NODE_LIVE_SECONDS = 35;
