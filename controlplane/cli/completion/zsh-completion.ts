import type { CommandNode } from './command-tree.ts';
import { shellTables } from './shell-tables.ts';

/** Script for zsh: sourced, or as a file _wipctl in a directory of fpath. */
export function zshCompletion(tree: readonly CommandNode[]): string {
  return `#compdef wipctl
# Completion of wipctl for zsh. Load it with: source <(wipctl completion zsh)
${shellTables(tree)}_wipctl() {
  emulate -L zsh
  local reply word before='' dir='' context='' current=\${words[CURRENT]}
  local -a candidates
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $before ]]; then
      [[ $before == --context ]] && context=$word
      before=''
    elif [[ $word == -- ]]; then
      dir='--'
    elif [[ $word == -* ]]; then
      _wipctl_value "$dir" "$word"
      [[ -n $reply ]] && before=$word
    elif [[ $dir != -- ]]; then
      _wipctl_path "$dir" "$word"
      dir=$reply
    fi
  done
  if [[ -n $before ]]; then _wipctl_value "$dir" "$before"; else _wipctl_words "$dir"; fi
  for word in \${=reply}; do
    case $word in
      @none) ;;
      @files) [[ $current == -* ]] || _files ;;
      @*) [[ $current == -* ]] || candidates+=(\${(f)"$(command wipctl completion --names "\${word#@}" \${context:+--context} \${context:+"$context"} 2>/dev/null)"}) ;;
      -*) [[ $current == -* ]] && candidates+=("$word") ;;
      *) candidates+=("$word") ;;
    esac
  done
  compadd -a candidates
}
if [[ $funcstack[1] == _wipctl ]]; then _wipctl "$@"; else compdef _wipctl wipctl; fi
`;
}
