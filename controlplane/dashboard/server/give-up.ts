/** A read that ends when its reader stops it, or when all reads are given up. */
export interface Read {
  readonly signal: AbortSignal;
  /** To be called when the read is over. */
  readonly end: () => void;
}

const underWay = new Set<() => void>();

export function beginRead(stop: AbortSignal): Read {
  const own = new AbortController();
  const abort = (): void => own.abort();
  underWay.add(abort);
  stop.addEventListener('abort', abort);
  if (stop.aborted) abort();
  return {
    signal: own.signal,
    end: () => {
      underWay.delete(abort);
      stop.removeEventListener('abort', abort);
    },
  };
}

/** Gives up all reads that are under way, so that they are tried anew: the node may never answer them. */
export function giveUpReads(): void {
  for (const abort of [...underWay]) abort();
}
