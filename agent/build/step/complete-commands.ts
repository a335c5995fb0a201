import { askBash } from './ask-bash.ts';

/**
 * Reads commands that end with a NUL and prints the numbers of those that bash cannot parse alone. Nothing of them runs.
 * A command is the body of a function that is never called; one that could close that body is read under `set -n` in a
 * process of its own, and there a warning counts too, as of a here-document without its end. The last line says how many
 * commands were read: an open `$(` ends bash itself.
 */
const CHECK = String.raw`n=0
trap 'printf "%s read\n" "$n"' EXIT
while IFS= read -r -d '' command; do
  case $command in
    '}'* | *[[:space:]\;\&\|\)\}]'}'*)
      said=$(eval "set -n
$command" 2>&1) && [[ -z $said ]] ;;
    *)
      eval "wip_body() { :
$command
}" 2>/dev/null ;;
  esac || printf '%s\n' "$n"
  n=$((n + 1))
done`;

// The name of a variable ends where no character of one follows: otherwise each of its ends would be tried, and those of all variables of a
// command multiply.
const WORD = String.raw`(?:[\w./:=,@%+~^*?-]|'[^'\n]*'|"(?:[^"\\$\x60\n]|\$\w+(?!\w)|\$\{\w+\})*"|\$\w+(?!\w)|\$\{\w+\})+`;
const REDIRECTION = String.raw`\d?(?:>>?|<) ?`;
const SIMPLE = new RegExp(`^ *${WORD}(?: +(?:(?:&&|\\|\\||[|;]) +|${REDIRECTION}|\\d?>&(?=\\d))?${WORD})* *$`);
const RESERVED =
  /(?:^|[ ])(?:if|then|elif|else|fi|for|while|until|do|done|case|esac|in|select|function|time|coproc)(?: |$)/;
// Longer ones are rare, and the pattern would take its time.
const MAX_SIMPLE_CHARACTERS = 1_000;
// Bash reads a command in a millisecond (chosen: a hundred times as long, for machines that are busy).
const COMMAND_LIMIT_MS = 100;
const FIRST_LIMIT_MS = 10_000;

/**
 * Returns the commands that are not complete by themselves, as with an open quote or an `if` without its `fi`. Written
 * below one another such a command would swallow the next one.
 */
export async function findIncomplete(commands: readonly string[], programPath: string): Promise<Set<number>> {
  const asked = commands.flatMap((command, index) => (isSimple(command) ? [] : [index]));
  const incomplete = new Set<number>();
  for (let from = 0; from < asked.length;) {
    const answer = await findByBash(
      asked.slice(from).map((index) => commands[index]!),
      programPath,
    );
    for (const number of answer.incomplete) incomplete.add(asked[from + number]!);
    from += answer.readCount;
    // The command at which bash ended.
    if (from < asked.length) incomplete.add(asked[from++]!);
  }
  return incomplete;
}

/** Words, variables and plain quotes: complete without asking bash, which takes a millisecond for each command. */
function isSimple(command: string): boolean {
  return command.length <= MAX_SIMPLE_CHARACTERS && SIMPLE.test(command) && !RESERVED.test(command);
}

interface Answer {
  readonly incomplete: readonly number[];
  readonly readCount: number;
}

async function findByBash(commands: readonly string[], programPath: string): Promise<Answer> {
  const limitMs = FIRST_LIMIT_MS + commands.length * COMMAND_LIMIT_MS;
  const answer = await askBash({ script: CHECK, texts: commands, programPath, limitMs });
  // Without an answer all pass for complete: whatever is wrong with that bash, the step itself will say.
  if (answer === null) return { incomplete: [], readCount: commands.length };
  const readCount = Number(/^(\d+) read$/m.exec(answer.stdout)?.[1] ?? 0);
  return { incomplete: (answer.stdout.match(/^\d+$/gm) ?? []).map(Number), readCount };
}
