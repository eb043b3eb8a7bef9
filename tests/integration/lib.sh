# shellcheck shell=bash
# What every test of the program shares: TAP points, a scratch folder, fixtures, and asking for a judge.
# VARVE names the program. Sourced by the scripts beside it.
set -uo pipefail
umask 022

: "${VARVE:?VARVE must name the program to test}"
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# In /var/tmp, since /tmp may be too small, and may not keep user xattrs.
scratch=$(mktemp -d "${VARVE_SCRATCH:-/var/tmp}/varve-test.XXXXXX")
cleanup_commands=()
points=0
trap cleanup EXIT

cleanup() {
  local command
  for command in "${cleanup_commands[@]}"; do
    eval "$command"
  done
  chmod -R u+rwX "$scratch" 2>/dev/null
  rm -rf "$scratch"
}

# Runs at the end of the script, whatever happened.
at_end() {
  cleanup_commands+=("$*")
}

# wait_until WHAT COMMAND…: until the command succeeds, however busy the machine is; the bound only ends a test that would
# wait for ever.
wait_until() {
  local what=$1 end=$((SECONDS + 300))
  shift
  until "$@" 2>/dev/null; do
    [ $SECONDS -lt $end ] || { echo "Bail out! not within five minutes: $what"; exit 1; }
    sleep 0.05
  done
}

varve() {
  "$VARVE" "$@"
}

# $1: the exit status that decides; $2: what is tried.
point() {
  local verdict=ok
  [ "$1" = 0 ] || verdict='not ok'
  points=$((points + 1))
  echo "$verdict $points - ${2//#/no.}"
}

explain() {
  head -n 40 | cut -c 1-400 | tr -c '[:print:]\n' '?' | sed 's/^/# /'
}

# ok WHAT COMMAND…: the command succeeds; what it said is shown when it does not.
ok() {
  local what=$1 status
  shift
  "$@" >"$scratch/.log" 2>&1
  status=$?
  point $status "$what"
  [ $status = 0 ] || { echo "# exit status $status: $*" | explain; explain <"$scratch/.log"; }
  return $status
}

# is WHAT GOT EXPECTED: the same, and something.
is() {
  [ -n "$3" ] && [ "$2" = "$3" ]
  point $? "$1"
  [ -n "$3" ] && [ "$2" = "$3" ] || printf 'got      %s\nexpected %s\n' "$2" "$3" | explain
}

# none WHAT GOT: there is nothing of it.
none() {
  [ -z "$2" ]
  point $? "$1"
  [ -z "$2" ] || echo "$2" | explain
}

# refuses WHAT STATUS REGEX COMMAND…: exits so, says so on stderr, and nothing on stdout.
refuses() {
  local what=$1 expected=$2 regex=$3 status
  shift 3
  "$@" >"$scratch/.out" 2>"$scratch/.log"
  status=$?
  [ $status = "$expected" ] && grep -Eqi -- "$regex" "$scratch/.log"
  point $? "$what"
  if [ $status != "$expected" ] || ! grep -Eqi -- "$regex" "$scratch/.log"; then
    echo "exit status $status, expected $expected; said, expected /$regex/:" | explain
    explain <"$scratch/.log"
  fi
}

skip() {
  points=$((points + 1))
  echo "ok $points - $1 # SKIP $2"
}

skip_all() {
  echo "1..0 # SKIP $1"
  exit 0
}

# Skips the whole script where a judge is not installed.
need_tools() {
  local tool
  for tool; do
    command -v "$tool" >/dev/null || skip_all "$tool is not installed"
  done
}

done_testing() {
  echo "1..$points"
}

# Makes the fixture in $scratch/fixture; [--large] as make-fixture takes it.
# shellcheck disable=SC2120
make_fixture() {
  "$tests/integration/make-fixture" "$scratch/fixture" "$@" || {
    echo "Bail out! the fixture cannot be made"
    exit 1
  }
}

repo() {
  echo "$scratch/fixture/$1"
}

# The checksum of a commit of the fixture.
commit_of() {
  sed -n "s/^$1 //p" "$scratch/fixture/commits"
}

# build NAME COMMIT IMAGE-REF [OPTION…]: from the archive repository into $scratch/NAME.
build() {
  local layout=$1 commit=$2 ref=$3
  shift 3
  varve build --quiet --repo "$(repo archive)" "$commit" "oci:$scratch/$layout:$ref" "$@"
}

# A value of a JSON file by a Python expression over `j`.
json() {
  python3 -c 'import json, sys; j = json.load(open(sys.argv[1], encoding="utf-8")); print(eval(sys.argv[2]))' "$1" "$2"
}

blob() {
  echo "$scratch/$1/blobs/sha256/${2#sha256:}"
}

# The digest that a layout's index names under a ref.
manifest_digest() {
  json "$scratch/$1/index.json" \
    "next(m['digest'] for m in j['manifests'] if m.get('annotations', {}).get('org.opencontainers.image.ref.name') == '$2')"
}

# `MEDIA-TYPE DIGEST DIFF-ID` for each layer.
layers_of() {
  local manifest config
  manifest=$(blob "$1" "$(manifest_digest "$1" "$2")")
  config=$(blob "$1" "$(json "$manifest" "j['config']['digest']")")
  paste -d ' ' <(json "$manifest" "'\n'.join(l['mediaType'] + ' ' + l['digest'] for l in j['layers'])") \
    <(json "$config" "'\n'.join(j['rootfs']['diff_ids'])")
}

# The tar of a layer, on stdout.
layer_tar() {
  case $2 in
    *+gzip) gzip -dc <"$1" ;;
    *+zstd) zstd -dcq --long=27 <"$1" ;;
    *) cat "$1" ;;
  esac
}

# Temporary files that a run left behind.
debris() {
  find "$@" -name '.varve-*' ! -name '.varve-lock' 2>/dev/null
}
