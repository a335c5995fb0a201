import { shellQuote } from '../../../shared/text/shell-quote.ts';
import type { CommandNode, Completion } from './command-tree.ts';

/**
 * Returns functions that both bash and zsh understand. Each sets `reply`: to the path after another word, to the candidates for
 * an option's value, or to the candidates at a path. The server provides `@tasks`, the shell `@files`.
 */
export function shellTables(tree: readonly CommandNode[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => path);
  const values = tree.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => (value === undefined ? [] : [caseOf(keysOf(path, flags), sourceOf(value))])),
  );
  const words = tree.map((node) => caseOf([node.path], candidatesOf(node)));
  return `_wipctl_path() {
  reply=$1
  case "\${1:+$1 }$2" in
    ${paths.map(shellQuote).join('|')}) reply="\${1:+$1 }$2" ;;
  esac
}
_wipctl_value() {
  reply=
  case "$1|$2" in
${values.join('')}  esac
}
_wipctl_words() {
  reply=
  case "$1" in
${words.join('')}  esac
}
`;
}

function keysOf(path: string, flags: readonly string[]): string[] {
  return flags.map((flag) => `${path}|${flag}`);
}

function caseOf(keys: readonly string[], words: string): string {
  return `    ${keys.map(shellQuote).join('|')}) reply=${shellQuote(words)} ;;\n`;
}

function candidatesOf({ commands, options, arguments: given }: CommandNode): string {
  const names = commands.map(({ name }) => name);
  return [...names, ...(given === 'none' ? [] : [sourceOf(given)]), ...options.flatMap(({ flags }) => flags)].join(' ');
}

/** A word that begins with @ is not a candidate; it names the source of the candidates. */
function sourceOf(completion: Completion): string {
  return typeof completion === 'string' ? `@${completion}` : completion.choices.join(' ');
}
