import { LAUNCH_ORDER, LAUNCH_TYPES } from './cluster-fields.ts';

/** What containers of a cluster run on and in, such as `Fargate, subnets subnet-1`; a dash where its settings say nothing. */
export function launchesOn(launch: Readonly<Record<string, unknown>>): string {
  const { type, ...settings } = launch;
  const known = LAUNCH_ORDER.find((one) => one === type);
  const words = [
    ...(known === undefined ? [] : [LAUNCH_TYPES[known]]),
    ...Object.entries(settings)
      .filter(([, value]) => typeof value === 'string' || typeof value === 'number' || Array.isArray(value))
      .map(([key, value]) => `${spoken(key)} ${Array.isArray(value) ? value.map(wordOf).join(', ') : String(value)}`),
  ];
  return words.length === 0 ? '–' : words.join('; ');
}

/** `securityGroups` as people write it. */
function spoken(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Prints a provider by its name and its weight; a base of 0 says nothing. */
function wordOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .filter(([key, one]) => key !== 'base' || one !== 0)
    .map(([key, one]) => (key === 'weight' || key === 'base' ? `${key} ${String(one)}` : String(one)))
    .join(' ');
}
