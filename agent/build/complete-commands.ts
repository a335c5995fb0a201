import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ownBash } from './own-bash.ts';

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

/**
 * Returns the commands that are not complete by themselves, as with an open quote or an `if` without its `fi`. Written
 * below one another such a command would swallow the next one.
 */
export async function findIncomplete(commands: readonly string[], programPath: string): Promise<Set<number>> {
  const asked = commands.flatMap((command, index) => (isSimple(command) ? [] : [index]));
  const incomplete = new Set<number>();
  for (let from = 0; from < asked.length;) {
    const answer = await askBash(
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

async function askBash(commands: readonly string[], programPath: string): Promise<Answer> {
  // Nothing else of the build's environment: BASH_ENV and exported functions are for the commands.
  const env = { PATH: programPath, LC_ALL: 'C' };
  const child = spawn('bash', ownBash(CHECK), { env, stdio: ['pipe', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  child.stdin.on('error', () => undefined); // bash has ended, and its answer says where
  child.stdin.end(commands.map((command) => `${command}\0`).join(''));
  try {
    await once(child, 'close');
  } catch {
    // There is no bash, which the step itself will say.
    return { incomplete: [], readCount: commands.length };
  }
  const readCount = Number(/^(\d+) read$/m.exec(said)?.[1] ?? 0);
  return { incomplete: (said.match(/^\d+$/gm) ?? []).map(Number), readCount };
}
