import type { DefinitionFinding, JudgedContainer, JudgedDefinition } from './definition-finding.ts';

/** "SystemControl" of the Amazon ECS API reference: the parameters of the kernel that a container can have to itself. */
const OF_NETWORK = /^net\.[\w./-]+$/;
const OF_IPC = /^(fs\.mqueue\.[\w./-]+|kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced))$/;

/** Returns everything for which ECS would refuse the system controls of a container, or could not start it. */
export function findSystemControlFaults(
  { name = '', systemControls = [] }: JudgedContainer,
  at: DefinitionFinding['path'],
  definition: JudgedDefinition,
): DefinitionFinding[] {
  const seen = new Set<string>();
  return systemControls.flatMap(({ namespace = '', value = '' }, index): DefinitionFinding[] => {
    const path = [...at, 'systemControls', index];
    const absent = namespace === '' ? 'namespace' : value === '' ? 'value' : null;
    if (absent !== null) {
      const sentence = `SystemControl.${absent} should not be null or empty.`;
      return [{ path: [...path, absent], sentence, remedy: `Set ${absent}` }];
    }
    const why = seen.has(namespace) ? 'stands there twice' : whyNotPossible(namespace, definition);
    seen.add(namespace);
    if (why === null) return [];
    const sentence = `Invalid setting for container '${name}'. The system control '${namespace}' ${why}.`;
    return [{ path: [...path, 'namespace'], sentence, remedy: 'Remove it from systemControls' }];
  });
}

function whyNotPossible(namespace: string, { networkMode, ipcMode }: JudgedDefinition): string | null {
  if (OF_NETWORK.test(namespace)) {
    return networkMode === 'host' ? 'is not supported when networkMode=host' : null;
  }
  if (OF_IPC.test(namespace)) return ipcMode === 'host' ? 'is not supported when ipcMode=host' : null;
  return 'is none of net.*, fs.mqueue.*, kernel.msgmax, kernel.msgmnb, kernel.msgmni, kernel.sem and kernel.shm*';
}
