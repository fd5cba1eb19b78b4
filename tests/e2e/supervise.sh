# Sourced by what is PID 1 of a member: runs programs as an init system would.

# supervise NAME COMMAND...: runs it in the background for as long as the member lives; its log is $STATE/$MEMBER/NAME.log.
supervise() {
    name=$1
    shift
    (
        while :; do
            "$@" >>"$STATE/$MEMBER/$name.log" 2>&1 || echo "e2e: $name ended with $?" >>"$STATE/$MEMBER/$name.log"
            sleep 1
        done
    ) &
}
