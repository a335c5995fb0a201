import { useEffect } from 'preact/hooks';

/** What the tab of the browser is called while this is shown. */
export function useTitle(title: string): void {
  useEffect(() => void (document.title = `${title} · Wip`), [title]);
}
