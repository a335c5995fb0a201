import type Docker from 'dockerode';
import { engineSentence, unlessMissing } from './engine-error.ts';

/**
 * Fetches an image that the engine does not have. One that it has is used as it is, as with ECS_IMAGE_PULL_BEHAVIOR
 * `prefer-cached`: images of developers are in no registry. Throws CannotPullContainerError.
 */
export async function pullImage(docker: Docker, image: string, signal: AbortSignal): Promise<void> {
  if (await unlessMissing(docker.getImage(image).inspect())) return;
  try {
    const progress = (await docker.pull(image, { abortSignal: signal })) as NodeJS.ReadableStream;
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error: Error | null) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    throw new Error(`CannotPullContainerError: ${engineSentence(error)}`, { cause: error });
  }
}
