/**
 * The POSIX shell program that the control plane copies into a container without an agent. Each process has a directory
 * `p-<key>` beside it, whose files are made whole or not at all: `order` (what was ordered), `pid` (of the supervisor: the first
 * one that links the file is the only one), `group` (of the command's processes), `stdout`, `stderr`, and `result`.
 *
 * Exit codes are answers: 65 the input was cut off, 66 the key has another order, 67 no such process, 68 the file was refused,
 * 69 the process could not be started.
 */
export const LEGACY_WRAPPER = String.raw`#!/bin/sh
set -u
umask 077
dir=$(dirname "$0")
say() { printf '%s\n' "$*"; }
stop() { say "$2" >&2; exit "$1"; }
size() { if [ -e "$1" ]; then wc -c <"$1"; else say 0; fi; }

# Reads standard input into a file. A connection that breaks leaves a part, which must not be used.
take() {
  cat >"$1" || { rm -f "$1"; exit 68; }
  [ "$(size "$1")" -eq "$2" ] || { rm -f "$1"; stop 65 "the input did not come whole"; }
}

# Prints when a living process was started, in ticks: a pid may have been given to another process since.
birth() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- $(say "$stat" | sed 's/^.*) //')
  [ "$1" != Z ] && say "${'$'}{20}"
}

# Sends a signal to the group of a command, and to what has left the group and not the session.
send() {
  kill -s "$1" -- "-$2" 2>/dev/null
  for pid in $(cat /proc/[0-9]*/stat 2>/dev/null | awk -v s="$2" '{ p = $1; sub(/^.*\) /, ""); if ($4 == s && $3 != s) print p }'); do
    kill -s "$1" "$pid" 2>/dev/null
  done
}

# The processor time of all processes of a session, in ticks.
worked() {
  cat /proc/[0-9]*/stat 2>/dev/null |
    awk -v s="$1" '{ sub(/^.*\) /, ""); if ($4 == s) t += $12 + $13 + $14 + $15 } END { print t + 0 }'
}

finish() {
  say "$1 $(date +%s)" >"$own/result.$$" && mv -f "$own/result.$$" "$own/result"
  rm -f "$own/stdin" "$own"/run.*
}

start() { # digest bytes order: report or keep, and seconds of patience with a command without progress
  mkdir -p "$own" || exit 69
  run=$own/run.$$
  take "$run" "$2"
  say "$1 $3" >"$own/order.$$"
  ln "$own/order.$$" "$own/order" 2>/dev/null
  rm -f "$own/order.$$"
  read -r digest report patience <"$own/order"
  [ "$digest" = "$1" ] || { rm -f "$run"; stop 66 "the key has another order"; }
  if [ -e "$own/pid" ]; then
    rm -f "$run"
  else
    setsid sh "$0" supervise "$key" "$run" </dev/null >/dev/null 2>&1 &
  fi
  tries=0
  while [ ! -e "$own/pid" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || stop 69 "the process was not started within five seconds"
    sleep 0.05
  done
  # Most commands of a build's preparation are over at once, and then this answer is the only one that is needed.
  tries=0
  while [ ! -e "$own/result" ] && [ "$tries" -lt 10 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
  status
}

supervise() { # file
  say "$$ $(birth $$) $(date +%s)" >"$own/pid.$$"
  if ! ln "$own/pid.$$" "$own/pid" 2>/dev/null; then
    rm -f "$own/pid.$$" "$1"
    exit
  fi
  rm -f "$own/pid.$$"
  input=/dev/null
  [ ! -e "$own/stdin" ] || input=$own/stdin
  # A shell ignores SIGINT and SIGQUIT in what it starts in the background, and so would the command.
  restore=
  env --default-signal=INT,QUIT true 2>/dev/null && restore="env --default-signal=INT,QUIT"
  setsid $restore sh -c 'echo $$ >"$1/group.new"; mv -f "$1/group.new" "$1/group"; exec sh "$2"' sh "$own" "$1" \
    <"$input" >"$own/stdout" 2>"$own/stderr"
  finish $?
}

status() {
  [ -e "$own/order" ] || stop 67 "there is no such process"
  read -r digest report patience <"$own/order"
  pid= born= since=0 group= code= ended=
  [ ! -e "$own/pid" ] || read -r pid born since <"$own/pid"
  [ ! -e "$own/group" ] || read -r group <"$own/group"
  if [ -n "$pid" ] && [ ! -e "$own/result" ] && [ "$(birth "$pid")" != "$born" ] && [ ! -e "$own/result" ]; then
    # Somebody has killed the supervisor, so nobody will know how the command ends.
    [ -z "$group" ] || send KILL "$group"
    finish killed
  fi
  [ ! -e "$own/result" ] || read -r code ended <"$own/result"
  out=$(size "$own/stdout") err=$(size "$own/stderr") now=$(date +%s)
  work=$((out + err))
  if [ -n "$group" ] && [ -z "$code" ]; then work=$((work + $(worked "$group"))); fi
  before= at=$now
  [ ! -e "$own/work" ] || read -r before at <"$own/work"
  if [ "$work" != "$before" ]; then
    at=$now
    say "$work $now" >"$own/work.$$" && mv -f "$own/work.$$" "$own/work"
  fi
  cancelled=
  [ ! -e "$own/cancelled" ] || read -r cancelled <"$own/cancelled"
  for name in group since code ended out err work cancelled patience; do eval "say \"$name=\$$name\""; done
  say "idle=$((now - at))"
}

output() { # stream offset bytes
  [ -e "$own/order" ] || stop 67 "there is no such process"
  [ ! -e "$own/$1" ] || tail -c "+$(($2 + 1))" "$own/$1" | head -c "$3"
}

case $1 in
health)
  for tool in setsid awk sed tail head wc ln df date; do command -v "$tool" >/dev/null || say "missing=$tool"; done
  say "nonce=$2"
  [ ! -e "$dir/environment" ] || say "environment=set"
  now=$(date +%s)
  say "uptime=$((now - $(stat -c %Y /proc/1 2>/dev/null || say "$now")))"
  df -P -k "$dir" | awk 'NR == 2 { print "total=" $2; print "free=" $4 }'
  ;;
environment)
  take "$dir/environment.$$" "$2" && mv -f "$dir/environment.$$" "$dir/environment"
  ;;
put) # path mode bytes
  [ ! -d "$2" ] || stop 68 "$2 is a directory"
  take "$2.wip.$$" "$4"
  chmod "$3" "$2.wip.$$" && mv -f "$2.wip.$$" "$2" || { rm -f "$2.wip.$$"; exit 68; }
  ;;
get) cat -- "$2" || exit 68 ;;
shutdown)
  for own in "$dir"/p-*; do
    if [ -e "$own/group" ] && [ ! -e "$own/result" ]; then
      say TERM >"$own/cancelled"
      read -r group <"$own/group"
      send TERM "$group"
    fi
  done
  touch "${'$'}{SHUTDOWN_FILE:-/tmp/shutdownContainer}"
  ;;
*)
  verb=$1 key=$2 own=$dir/p-$2
  shift 2
  case $verb in
  start | supervise | status | output) "$verb" "$@" ;;
  stdin) mkdir -p "$own" && take "$own/stdin.$$" "$1" && mv -f "$own/stdin.$$" "$own/stdin" ;;
  unreported) # stream offset bytes
    [ -e "$own/order" ] || stop 67 "there is no such process"
    read -r digest report patience <"$own/order"
    [ "$report" = keep ] || output "$@"
    ;;
  signal) # name grace
    [ -e "$own/order" ] || stop 67 "there is no such process"
    if [ -e "$own/group" ] && [ ! -e "$own/result" ]; then
      read -r group <"$own/group"
      say "$1" >"$own/cancelled"
      send "$1" "$group"
      [ -z "$2" ] || setsid sh "$0" end "$key" "$2" "$group" </dev/null >/dev/null 2>&1 &
    fi
    ;;
  end) # grace group
    sleep "$1"
    [ -e "$own/result" ] || { say KILL >"$own/cancelled"; send KILL "$2"; }
    ;;
  *) stop 64 "no such command" ;;
  esac
  ;;
esac
`;
