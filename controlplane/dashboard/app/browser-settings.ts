/** Settings of this browser. One that keeps none (private windows of some) works with the defaults. */
export function readSetting(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is forbidden here
  }
}

export function writeSetting(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is forbidden here, or full: the setting lasts as long as the page.
  }
}
