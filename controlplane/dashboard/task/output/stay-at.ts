import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** With any of these the reader takes over. */
const TOUCHES = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

/**
 * Goes to a position when it is named, and again whenever what lies before it has changed, until the reader does something: the
 * output is read in pieces, and the parts of the page above it get their height one after another.
 */
export function useStayAt(go: () => void, position: unknown, moved: readonly unknown[]): void {
  const isHeld = useRef(false);
  const latest = useRef(go);
  latest.current = go;
  useLayoutEffect(() => {
    isHeld.current = position !== null;
  }, [position]);
  useLayoutEffect(() => {
    if (isHeld.current) latest.current();
  }, [position, ...moved]);
  useEffect(() => {
    const release = (): void => void (isHeld.current = false);
    const observer = new ResizeObserver(() => {
      if (isHeld.current) latest.current();
    });
    observer.observe(document.body);
    for (const touch of TOUCHES) addEventListener(touch, release, { capture: true, passive: true });
    return () => {
      observer.disconnect();
      for (const touch of TOUCHES) removeEventListener(touch, release, { capture: true });
    };
  }, []);
}
