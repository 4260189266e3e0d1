#!/usr/bin/env bash
# Starts a built Headwater on free ports with a data folder of its own, registers a type, sends an event, finds it in the
# feed, and stops it. Usage: smoke.sh BINARY [SERVE-OPTION...]
set -euo pipefail

binary=$1
shift
work=$(mktemp -d)
chmod 755 "$work" # as root, PostgreSQL runs as another user, who must get through
server=''

finish() {
    [[ -z $server ]] || kill -KILL "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

fail() {
    printf 'smoke: %s\n' "$*" >&2
    [[ ! -s $work/log ]] || tail -n 30 "$work/log" >&2
    exit 1
}

mkfifo "$work/stdout"
"$binary" serve --listen 127.0.0.1:0 --ops-listen 127.0.0.1:0 --data-dir "$work/data" "$@" \
    >"$work/stdout" 2>"$work/log" &
server=$!
exec 3<"$work/stdout"
read -r -t 60 ready <&3 || fail 'no ready line'
[[ $ready =~ ^headwater\ ready\ (http[^ ]+)\ ops\ (http[^ ]+)$ ]] || fail "not a ready line: $ready"
url=${BASH_REMATCH[1]} ops=${BASH_REMATCH[2]}
echo "$ready"

call() { curl --silent --show-error --fail-with-body --max-time 10 -H 'Content-Type: application/json' "$@"; }
expect() { # WHAT PATTERN TEXT
    [[ $3 == *$2* ]] || fail "$1: expected $2 in: $3"
    echo "$1: ok"
}

answer=$(call -X PUT "$url/api/events/register" -d '{"type":"smoke:test","ttl":"1hour"}') || fail "register: $answer"
expect register '"acknowledge"' "$answer"
answer=$(call "$url/api/events/send" -d '{"type":"smoke:test","payload":{"n":1.50}}') || fail "send: $answer"
[[ $answer =~ \"id\":\ *\"([0-9]+)\" ]] || fail "send: no id in: $answer"
expect send "${BASH_REMATCH[1]}" "$answer"
expect feed '{"n":1.50}' "$(call "$url/api/events/feed/hour/current?types=smoke:test")"
expect metrics headwater_events_accepted_total "$(call "$ops/metrics")"

kill -TERM "$server"
code=0
wait "$server" || code=$?
server=''
((code == 0)) || fail "exit code $code after SIGTERM"
echo 'stop: ok'
