# shellcheck shell=sh
# gate.sh: the double of Spinnaker's Gate (tests/gate/) for shell tests, read
# after tap.sh. Its faults and scripts are told in tests/gate/fault.h and
# stage.h, what can be asked of it in control.h.

GATE=${DXCP%/*}/tests/gate/gate
GATE_PID='' GATE_URL='' GATE_PORT=0
trap 'gate_stop; [ -n "${KEEP-}" ] || rm -rf "$SCRATCH"' EXIT

# gate_start [ARGUMENT...]: on a port of the kernel's choice; started again, on
# the same one. Leaves GATE_URL. What it knows is in the folder gate-state.
gate_start() {
	rm -f gate-out
	"$GATE" --die-with-parent --state gate-state --port $GATE_PORT "$@" \
		>gate-out 2>>gate-err &
	GATE_PID=$!
	for gate_wait in 1 2 3 4 5 6 7 8 9 10; do
		GATE_URL=$(sed -n 's/^listening on //p' gate-out 2>/dev/null)
		[ -z "$GATE_URL" ] || break
		kill -0 "$GATE_PID" 2>/dev/null || break
		sleep 0."$gate_wait"
	done
	GATE_PORT=${GATE_URL##*:}
	[ -n "$GATE_URL" ] || { cat gate-err >&2; return 1; }
}

# gate_stop: end it; gate_kill: by SIGKILL.
gate_stop() {
	[ -z "$GATE_PID" ] || kill "$GATE_PID" 2>/dev/null
	[ -z "$GATE_PID" ] || wait "$GATE_PID" 2>/dev/null
	GATE_PID=''
}
gate_kill() {
	kill -9 "$GATE_PID" && wait "$GATE_PID" 2>/dev/null
	GATE_PID=''
}

# gate_tell METHOD PATH [JSON]: one request, its body to standard output; fails
# where the status is not 2xx.
gate_tell() {
	if [ -n "${3-}" ]; then
		curl -sS -k --fail-with-body -X "$1" "$GATE_URL$2" \
			-H 'Content-Type: application/json' --data-binary "$3"
	else
		curl -sS -k --fail-with-body -X "$1" "$GATE_URL$2"
	fi
}

# gate_control NAME JSON: one of the double's own endpoints; quiet where well.
gate_control() {
	gate_said=$(gate_tell POST "/_double/$1" "$2") ||
		{ echo "$gate_said" >&2; return 1; }
}

# gate_pipeline JSON: add a pipeline's configuration, as in a scenario: it may
# have a "script". Its application is made, too.
gate_pipeline() {
	gate_control scenario "$(printf '%s' "$1" |
		jq -c '{applications: [{name: .application, email: "a@example.com"}],
			pipelines: [.]}')"
}

# gate_script APPLICATION PIPELINE JSON: what its next runs do.
gate_script() {
	gate_control script "{\"application\": \"$1\", \"pipeline\": \"$2\", \"script\": $3}"
}

# gate_fault JSON: what goes wrong from now on; gate_no_faults: no more.
gate_fault() {
	gate_control faults "$1"
}
gate_no_faults() {
	gate_tell DELETE /_double/faults >/dev/null
}

# gate_clock TIME: the clock stands there; "real": it is real time.
gate_clock() {
	gate_control clock "{\"now\": \"$1\"}"
}

# gate_oracle [TOKEN]: what there was, to standard output.
gate_oracle() {
	gate_tell GET "/_double/oracle${1:+?token=$1}"
}
