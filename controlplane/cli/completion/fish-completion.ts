import type { CommandNode, Completion } from './command-tree.ts';

/** Script for fish 3 or newer. */
export function fishCompletion(tree: readonly CommandNode[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => quote(path));
  const valued = tree.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== undefined)
      .flatMap(({ flags }) => flags.map((flag) => quote(`${path}|${flag}`))),
  );
  return `# Completion of wipctl for fish. Load it with: wipctl completion fish | source
function __wipctl_path
    set -l path
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if test "$word" = --
            set path --
            break
        else if string match -q -- '-*' $word
            contains -- "$path|$word" ${valued.join(' ')}; and set skip 1
        else
            set -l longer (string trim -- "$path $word")
            contains -- $longer ${paths.join(' ')}; and set path $longer
        end
    end
    printf '%s\\n' "$path"
end
function __wipctl_at
    set -l path (__wipctl_path)
    test "$path" = "$argv[1]"
end
function __wipctl_names
    command wipctl completion --names $argv[1] 2>/dev/null
end
complete -c wipctl -f
${tree.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, options, arguments: given }: CommandNode): string[] {
  const at = `complete -c wipctl -n ${quote(`__wipctl_at ${quote(path)}`)}`;
  return [
    ...commands.map(({ name, description }) => `${at} -a ${quote(name)} -d ${quote(description)}`),
    ...(given === 'none' ? [] : [given === 'files' ? `${at} -F` : `${at} -a ${quote(candidatesOf(given))}`]),
    ...options.map(({ flags, description, value }) => {
      const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
      return [at, ...names, `-d ${quote(description)}`, ...(value === undefined ? [] : [valueOf(value)])].join(' ');
    }),
  ];
}

function valueOf(value: Completion): string {
  if (value === 'files') return '-r -F';
  return value === 'none' ? '-x' : `-x -a ${quote(candidatesOf(value))}`;
}

function candidatesOf(completion: Exclude<Completion, 'files' | 'none'>): string {
  return typeof completion === 'string' ? `(__wipctl_names ${completion})` : completion.choices.join(' ');
}

/** One word of fish that means exactly this text. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
