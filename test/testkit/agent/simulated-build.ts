import type { BuildExport } from '../../../shared/protocol/build-export.ts';
import type { ProcessScript } from '../process-script.ts';
import type { Behaviour } from './simulated-process.ts';

/** The export of a build file with one step. */
export const SIMULATED_EXPORT: BuildExport = {
  version: '1.0.0',
  variables: { global: {} },
  sshKeys: {},
  services: [],
  events: { build: { steps: [{ name: 'all', type: 'script', script: ['make'], line: 1, scriptLines: [2] }] } },
  warnings: [],
  fileName: 'acquia-pipelines.yaml',
  commit: '0'.repeat(40),
};

/**
 * Returns the behaviour of the commands of a BuildSteps task in a container without programs. `run` is the build
 * itself.
 */
export function simulatedBuild(run: () => ProcessScript | Promise<ProcessScript>): Behaviour {
  return ({ command }) => {
    if (!Array.isArray(command)) return { stdout: '/home/simulated' }; // The command asks for the build user's home.
    if (command.includes('export') && command.includes('--source-uri'))
      return { stdout: JSON.stringify(SIMULATED_EXPORT) };
    if (command.includes('run') && command.includes('--event')) return run();
    return {};
  };
}
