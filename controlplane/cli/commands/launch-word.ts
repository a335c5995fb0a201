import { LaunchSettings } from '../../ecs/config/cluster.ts';

/** The launch types. As a word on the command line, each stands for launch settings with this type only. */
export const LAUNCH_WORDS: readonly string[] = LaunchSettings.options.map(({ shape }) => shape.type.value);

/** Returns the launch settings that one word means, such as `ec2`; null for any other text. A file of that name is `./ec2`. */
export function launchOfWord(given: string): { readonly type: string } | null {
  const word = given.trim();
  return LAUNCH_WORDS.includes(word) ? { type: word } : null;
}
