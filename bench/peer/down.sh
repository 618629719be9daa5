#!/bin/bash
# usage: down.sh      stops what up.sh started, by its pid files. The mail stays in $PEER/mail.
PEER=${PEER:-${TMPDIR:-/tmp}/peer}
for f in $PEER/postfix/spool/pid/master.pid $PEER/dovecot/run/master.pid; do
  [ -s "$f" ] || continue
  pid=$(tr -d ' \n' <"$f")
  case "$(cat /proc/$pid/comm 2>/dev/null)" in master | dovecot) ;; *) continue ;; esac
  kill -TERM "$pid"
  for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || continue 2; sleep 0.1; done
  echo "still running: $pid ($f)" >&2
done
