# shellcheck shell=bash
# Registries on loopback for the tests that need one. Sourced after lib.sh, by the scripts beside it.
. "$tests/lib/server.sh"
need_tools skopeo docker-registry python3 ostree
export HOME=$scratch/home XDG_RUNTIME_DIR=$scratch/run TMPDIR=$scratch/tmp
mkdir -p "$HOME/.config/containers" "$XDG_RUNTIME_DIR" "$TMPDIR"
unset REGISTRY_AUTH_FILE DOCKER_CONFIG VARVE_SKOPEO http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$HOME/.config/containers/policy.json"

# start_registry NAME PORT [LINE…]: with these lines added to its configuration; its data are in $scratch/NAME-data.
start_registry() {
  local name=$1 port=$2
  shift 2
  {
    printf '%s\n' 'version: 0.1' 'log: {level: error, accesslog: {disabled: true}}' \
      "storage: {filesystem: {rootdirectory: \"$scratch/$name-data\"}}" "http:" "  addr: 127.0.0.1:$port" "$@"
  } >"$scratch/$name.yml"
  docker-registry serve "$scratch/$name.yml" >"$scratch/$name.log" 2>&1 &
  local pid=$!
  disown $pid
  at_end "kill $pid 2>/dev/null"
  wait_for_server $pid "$scratch/$name.log" "a registry listens on port $port" is_open "$port"
}

# start_relay PORT SERVER-PORT OPTION…: as tcp_relay.py takes them; $relay is its process.
start_relay() {
  python3 "$tests/lib/tcp_relay.py" "$@" >"$scratch/relay.out" 2>"$scratch/relay.log" &
  relay=$!
  disown $relay
  at_end "kill $relay 2>/dev/null"
  wait_for_server $relay "$scratch/relay.log" 'the relay is ready' grep -q ready "$scratch/relay.out"
}

stop_relay() {
  kill "$relay" 2>/dev/null
  while kill -0 "$relay" 2>/dev/null; do sleep 0.05; done
}

# The digest that a tag has in a plain registry: PORT NAME TAG.
registry_digest() {
  skopeo inspect --raw --tls-verify=false "docker://127.0.0.1:$1/$2:$3" 2>/dev/null | sha256sum | sed 's/^/sha256:/; s/ .*//'
}

nothing_left_behind() {
  [ -z "$(left_behind)" ]
}

# Processes that a test's run left behind: any skopeo that was started with our HOME.
left_behind() {
  local pid
  for pid in $(pgrep -x skopeo); do
    { tr '\0' '\n' <"/proc/$pid/environ"; } 2>/dev/null | grep -qx "HOME=$HOME" && echo "skopeo $pid"
  done
}
