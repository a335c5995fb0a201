import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';

/** Imports a module with task classes, which is the user's own. Throws USAGE. */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(path)) {
    throw new OperationalError('USAGE', {
      happened: `There is no file ${path}`,
      remedy: 'Give the module with the task class; one in TypeScript may have to be compiled first',
    });
  }
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${path} cannot be loaded: ${messageOf(cause).replace(/\.$/, '')}`,
      remedy:
        'Give a module that Node can import, with a class that extends BasicWip; compile it first if it is TypeScript that Node does not run',
      cause,
    });
  }
}
