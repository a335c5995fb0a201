import { effect, signal } from '@preact/signals';
import { readSetting, writeSetting } from './browser-settings.ts';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'wip-theme';
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

function storedTheme(): Theme {
  const stored = readSetting(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export const theme = signal<Theme>(storedTheme());

export function applyTheme(): void {
  effect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme.value;
    writeSetting(KEY, theme.value);
  });
}

export function nextTheme(): void {
  theme.value = NEXT[theme.value];
}
