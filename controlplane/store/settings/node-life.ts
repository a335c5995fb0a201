/** A node that has missed three heartbeats of 10 s is taken for dead: its shares of quotas and of the sweep are given away. */
export const NODE_LIVE_SECONDS = 35;
