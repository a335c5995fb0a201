import { signal } from '@preact/signals';
import type { ConnectionStatus } from '../../api/state/state-views.ts';
import { api, bodyOf } from '../server/request.ts';

/** The state of the installation, as every page shows some of it; null before the first answer. */
export const installation = signal<ConnectionStatus | null>(null);

export async function readInstallation(): Promise<void> {
  installation.value = await bodyOf(api.GET('/v1/connection-status'));
}
