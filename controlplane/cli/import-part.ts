import { OperationalError } from '../../shared/model/error.ts';

/**
 * Loads a part of the program that the image of the control plane leaves out: local ECS, and the test kit. Throws
 * NOT_INSTALLED when it is not there.
 */
export async function importPart<T>(part: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new OperationalError('NOT_INSTALLED', {
      happened: `This wipctl has no ${part}`,
      remedy: 'Use wipctl of a checkout or of the npm package; the image of the control plane holds what a node needs',
      cause,
    });
  }
}
