#!/bin/sh
# Entrypoint of a build image that has no Wip agent (docker/README.md, "Images without the agent"). It starts sshd for the
# control plane and tells it of its start and its end. The image needs sh, curl, awk, setsid, and sshd with ssh-keygen.
# SSH_LISTEN and SHUTDOWN_FILE are for containers that share the addresses or the /tmp of their machine.
set -u
umask 077
started=$(date +%s)
url=${SIGNAL_URL:?} body=${SIGNAL_BODY:?} user=${SIGNAL_USER:?} key=${CONTAINER_SSH_KEY:?}
unset SIGNAL_URL SIGNAL_BODY SIGNAL_USER CONTAINER_SSH_KEY
SHUTDOWN_FILE=${SHUTDOWN_FILE:-/tmp/shutdownContainer}
export SHUTDOWN_FILE
own=$(mktemp -d) || exit 1

disk() { df -P -k / | awk 'NR == 2 { print $3 }'; }                    # KiB in use
gigabytes() { awk -v kib="$1" 'BEGIN { printf "%.3f", kib * 1024 / 1e9 }'; }
at_first=$(disk)

# The body of a signal: SIGNAL_BODY with more fields.
with() { printf '%s,%s}' "${body%\}*}" "$1" | sed 's/^{ *,/{/'; }
# A text between the quotes of JSON.
text() { tr '\000-\011\013-\037\177' ' ' | sed 's/[\\"]/\\&/g' | awk '{ printf "%s\\n", $0 }'; }

send() { curl -sS -f -m 10 -o /dev/null -u "$user" -X POST --data-binary "$1" "$url"; }

# At the end there is time for a control plane that is being replaced, and not for more.
insist() { for try in 1 2 3 4 5; do send "$1" && return; sleep 2; done; }

# What sshd starts has the environment of the container, as if the entrypoint had started it.
export -p >"$own/environment"
cat >"$own/session" <<END
. '$own/environment'
exec /bin/sh -c "\${SSH_ORIGINAL_COMMAND:-exec \${SHELL:-/bin/sh} -l}"
END
printf '%s\n' "$key" >"$own/authorized_keys"
ssh-keygen -q -t ed25519 -N '' -f "$own/host_key" || exit 1
cat >"$own/sshd_config" <<END
ListenAddress ${SSH_LISTEN:-0.0.0.0:22}
HostKey $own/host_key
AuthorizedKeysFile $own/authorized_keys
AuthenticationMethods publickey
PermitRootLogin prohibit-password
LoginGraceTime 15
StrictModes no
UsePAM no
UseDNS no
PidFile none
AllowTcpForwarding no
AllowAgentForwarding no
X11Forwarding no
ForceCommand /bin/sh $own/session
END

mkdir -p /run/sshd 2>/dev/null
sshd=$(command -v sshd || echo /usr/sbin/sshd)
# bash that sshd starts reads ~/.bashrc unless it believes to be a shell within a shell. What that prints or waits for is no
# part of a command. OpenSSH before 7.8 does not know SetEnv.
echo 'SetEnv SHLVL=1' | cat "$own/sshd_config" - >"$own/sshd_config.new"
"$sshd" -t -f "$own/sshd_config.new" 2>/dev/null && mv "$own/sshd_config.new" "$own/sshd_config"

why='' code=0
trap 'why="The container got a SIGTERM." code=143' TERM INT
"$sshd" -D -e -f "$own/sshd_config" 2>"$own/sshd.log" &
server=$!
until grep -q 'Server listening' "$own/sshd.log" || ! kill -0 "$server" 2>/dev/null; do sleep 0.1; done

ready=''
while [ -z "$why" ]; do
  [ -n "$ready" ] || ! send "$body" || ready=1
  [ ! -e "$SHUTDOWN_FILE" ] || why='The container was released through its shutdown file.'
  kill -0 "$server" 2>/dev/null || why='sshd has ended, so nobody reaches the container.' code=1
  sleep 1 & wait $!
done
fields='"classId":"$acquia.wip.signal.container.terminated","type":3'
insist "$(with "$fields,\"exitLog\":\"$why\",\"log\":\"$(tail -c 4096 "$own/sshd.log" | text)\"")"
times="\"time\":$(($(date +%s) - started)),\"initial_disk\":$(gigabytes "$at_first")"
used=$(($(disk) - at_first))
[ "$used" -gt 0 ] || used=0
insist "$(with "\"classId\":\"\$acquia.wip.signal.container.data\",\"type\":2,$times,\"disk\":$(gigabytes "$used")")"
rm -rf "$own"
kill "$server" 2>/dev/null
exit "$code"
