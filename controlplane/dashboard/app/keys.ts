import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readSetting, writeSetting } from './browser-settings.ts';

/** One key of the page that is shown; `label` is what the list of keys says of it. */
interface KeyAction {
  readonly label: string;
  readonly run: () => void;
}
export type KeyMap = Readonly<Record<string, KeyAction>>;

const SETTING = 'wip-single-keys';
/** Whether single letters do something: people who dictate switch them off (WCAG 2.2, 2.1.4). */
export const singleKeys = signal(readSetting(SETTING) !== 'off');
/** The maps in force, the page's own last. */
export const keyMaps = signal<readonly KeyMap[]>([]);

export function setSingleKeys(isOn: boolean): void {
  singleKeys.value = isOn;
  writeSetting(SETTING, isOn ? 'on' : 'off');
}

export function useKeys(map: KeyMap): void {
  useEffect(() => {
    keyMaps.value = [...keyMaps.value, map];
    return () => {
      keyMaps.value = keyMaps.value.filter((one) => one !== map);
    };
  }, [map]);
}

export function listenForKeys(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
    if (event.key.length === 1 && !singleKeys.value) return;
    const action = keyMaps.value.findLast((map) => map[event.key] !== undefined)?.[event.key];
    if (!action) return;
    event.preventDefault();
    action.run();
  };
  document.addEventListener('keydown', pressed);
  return () => document.removeEventListener('keydown', pressed);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
