import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { CopyIcon } from './icons.tsx';

const SHOWN_MS = 1500;

interface CopyProps {
  readonly text: string | (() => string);
  readonly label: string;
  readonly word?: string;
}

/** Copies a text and says so in the button. */
export function CopyButton({ text, label, word = 'Copy' }: CopyProps): JSX.Element {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
      setSaid('Copied');
    } catch {
      setSaid('Not allowed'); // by the browser: without https, or by its settings
    }
  };
  return (
    <button type="button" class="btn bare" aria-label={label} onClick={() => void copy()}>
      <CopyIcon />
      <span aria-live="polite">{said ?? word}</span>
    </button>
  );
}

/** A command as it would be typed, with nothing to fill in. */
export function CommandLine({ command, title }: { readonly command: string; readonly title?: string }): JSX.Element {
  return (
    <div>
      {title !== undefined && <span>{title}</span>}
      <div class="cmd">
        <code>{command}</code>
        <CopyButton text={command} label={`Copy: ${command}`} />
      </div>
    </div>
  );
}
