import { accessSync, constants, statSync } from 'node:fs';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';

/** Throws WORKSPACE_UNUSABLE where no program can be started in the workspace: a step may have removed, replaced or closed it. */
export function checkWorkspace(workspace: string, when: string): void {
  const isWhat = whyUnusable(workspace);
  if (isWhat === null) return;
  throw new OperationalError('WORKSPACE_UNUSABLE', {
    happened: `The workspace ${workspace} ${isWhat} when ${when}`,
    remedy: 'Run "build export" first, and let no step delete, move or close it',
  });
}

function whyUnusable(workspace: string): string | null {
  try {
    const status = statSync(workspace, { throwIfNoEntry: false });
    if (status === undefined) return 'is not there';
    if (!status.isDirectory()) return 'is not a directory';
    accessSync(workspace, constants.X_OK);
    return null;
  } catch (cause) {
    return `cannot be entered by the user of the build (${messageOf(cause)})`;
  }
}
