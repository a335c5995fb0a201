// ECS cuts its reasons at 1,024 characters (API reference, Task); the bound keeps the patterns fast for any input.
const MAX_MATCHED_CHARACTERS = 4_096;

const BLANKS = /[\p{Cc}\s]+/gu;
// The only words of these messages that contain a slash. They must outlive the removal of paths.
const WORDS_WITH_SLASH: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w./-])net\/http(?![\w/])/g, 'net-http'],
  [/(?<![\w./-])i\/o(?![\w/])/g, 'i-o'],
];
// Text in quotes that is a name: it has no blank, or it is a path. Other text in quotes is a message that ECS passes on.
const QUOTED_NAME = /(?<=^|[\s([{:=,])(["'`])(?:[^\s"'`]*|[^"'`]*\/[^"'`]*)\1(?=$|[\s)\]}:;,.])/g;
const ARN = /\barn:[\w-]*:[^\s,;)]*/g;
const PATH_OR_ADDRESS = /[^\s"'`,;()]*\/[^\s"'`,;()]*/g;
// `build:9`, `registry:5000`. What follows the colon of an action of IAM (`ssm:GetParameters`) begins with a capital.
const NAME_WITH_TAG = /(?<![\w@.-])[a-z0-9][\w.-]*:[a-z0-9_][\w.-]*/g;

/**
 * Returns a message of ECS without the names that people choose in it (images, paths, addresses, ARNs), so that a
 * pattern cannot match an image that is called `no-such-host`. Control characters count as blanks. `net/http` reads
 * `net-http`, `i/o` reads `i-o`.
 */
export function messageWords(message: string): string {
  let text = message.slice(0, MAX_MATCHED_CHARACTERS).replace(BLANKS, ' ').replaceAll('’', "'");
  for (const [word, kept] of WORDS_WITH_SLASH) text = text.replace(word, kept);
  return text
    .replace(QUOTED_NAME, '…')
    .replace(ARN, '…')
    .replace(PATH_OR_ADDRESS, '…')
    .replace(NAME_WITH_TAG, '…')
    .trim();
}

/** Returns the text without its full stop, to stand within a sentence. */
export function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, '');
}
