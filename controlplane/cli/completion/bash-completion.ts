import type { CommandNode } from './command-tree.ts';
import { shellTables } from './shell-tables.ts';

/** Script for bash 4.4 or newer. */
export function bashCompletion(tree: readonly CommandNode[]): string {
  return `# Completion of wipctl for bash. Load it with: source <(wipctl completion bash)
${shellTables(tree)}_wipctl() {
  local reply word before='' path='' context='' index current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ -n $before ]]; then
      [[ $before == --context ]] && context=$word
      before=''
    elif [[ $word == -- ]]; then
      path='--'
    elif [[ $word == -* ]]; then
      _wipctl_value "$path" "$word"
      [[ -n $reply ]] && before=$word
    elif [[ $path != -- ]]; then
      _wipctl_path "$path" "$word"
      path=$reply
    fi
  done
  if [[ -n $before ]]; then _wipctl_value "$path" "$before"; else _wipctl_words "$path"; fi
  local candidates=''
  for word in $reply; do
    case $word in
      @none) ;;
      @files) [[ $current == -* ]] || { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); } ;;
      @*) [[ $current == -* ]] || candidates+=" $(command wipctl completion --names "\${word#@}" \${context:+--context "$context"} 2>/dev/null)" ;;
      -*) [[ $current == -* ]] && candidates+=" $word" ;;
      *) candidates+=" $word" ;;
    esac
  done
  mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$candidates" -- "$current")
}
complete -F _wipctl wipctl
`;
}
