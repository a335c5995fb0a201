import type { Clock } from '../../../shared/time/clock.ts';
import { endMaintenance, readMaintenance, startMaintenance } from '../../store/operation/maintenance.ts';
import type { Db } from '../../store/schema.ts';
import { auditInto } from '../audit/audited.ts';
import type { MaintenanceView } from './state-views.ts';

export interface MaintenanceService {
  readMaintenance(): Promise<MaintenanceView>;
  startMaintenance(reason: string | null, by: string): Promise<void>;
  endMaintenance(by: string): Promise<void>;
}

export function createMaintenanceService({ db, clock }: { db: Db; clock: Clock }): MaintenanceService {
  const audited = auditInto(db);
  return {
    readMaintenance: () => maintenanceView(db),
    startMaintenance: async (reason, by) => {
      // A second start changes the reason; the instant of the first start stays.
      const since = (await readMaintenance(db))?.since ?? clock.now().toISOString();
      await startMaintenance(db, { reason, by, since });
      await audited(by, 'maintenance-on', 'maintenance', { reason });
    },
    endMaintenance: async (by) => {
      await endMaintenance(db);
      await audited(by, 'maintenance-off', 'maintenance');
    },
  };
}

export async function maintenanceView(db: Db): Promise<MaintenanceView> {
  const maintenance = await readMaintenance(db);
  return maintenance ? { isOn: true, ...maintenance } : { isOn: false, reason: null, since: null, by: null };
}
