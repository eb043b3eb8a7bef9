# shellcheck shell=bash
# Servers on loopback for the tests. Sourced after tests/integration/lib.sh.

# A port that nothing listens on. It is below the range from which the kernel takes ports for connections: any program on the
# machine could get one of those between two servers of a test.
free_port() {
  python3 - <<'END'
import random, socket
first_ephemeral = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
while True:
    port = random.randrange(10000, first_ephemeral if first_ephemeral > 11000 else 32768)
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        continue
    print(port)
    break
END
}

is_open() {
  (: </dev/tcp/127.0.0.1/"$1") 2>/dev/null
}

server_ready() {
  local pid=$1 log=$2 what=$3
  shift 3
  "$@" && return
  kill -0 "$pid" 2>/dev/null || { echo "Bail out! $what: the server has ended: $(tail -n 1 "$log")"; exit 1; }
  return 1
}

# wait_for_server PID LOG WHAT COMMAND…: until the command succeeds; ends the script if the process ends before.
wait_for_server() {
  wait_until "$3" server_ready "$@"
}
