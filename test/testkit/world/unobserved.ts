import type { EngineObserver } from '../../../controlplane/engine/engine-observer.ts';

const ignore = (): void => undefined;

/** The observer of an engine whose events nobody counts. */
export const UNOBSERVED: EngineObserver = {
  claimed: ignore,
  stepBegan: ignore,
  stepEnded: ignore,
  saved: ignore,
  taskEnded: ignore,
  launchAnswered: ignore,
  containerVerified: ignore,
  agentCalled: ignore,
  requestTried: ignore,
};
