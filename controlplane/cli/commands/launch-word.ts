import { LaunchSettings } from '../../ecs/cluster.ts';

/** The ways to launch containers, each of which stands for launch settings with nothing else. */
export const LAUNCH_WORDS: readonly string[] = LaunchSettings.options.map(({ shape }) => shape.type.value);

/** Returns the launch settings that one word means, such as `ec2`; null for any other text. A file of that name is `./ec2`. */
export function launchOfWord(given: string): { readonly type: string } | null {
  const word = given.trim();
  return LAUNCH_WORDS.includes(word) ? { type: word } : null;
}
