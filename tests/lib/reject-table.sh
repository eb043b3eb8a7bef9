# shellcheck shell=bash
# The tables of the reject tests: a line is CASE, VERB, STATUS and MESSAGE, separated by tabs. MESSAGE is all that the verb prints to
# stdout and stderr, with these changes: "\n" separates lines; names in the scratch folder have no folder; "<sha256>" is a digest,
# "<object>" the name of an object; equal lines in a row are one; of more than seven lines the first six and the last are given.
# Where text depends on a library, "<n>" matches any number and "<text>" anything.
# With --record the statuses and messages of this run replace those in the table that differ; review them with git diff.

declare -A status_of message_of
names=()
recorded=

# read_table FILE [--record]
read_table() {
  local name verb status message last=
  table=$1
  [ "${2-}" != --record ] || recorded=$scratch/recorded
  [ -z "$recorded" ] || grep '^#' "$table" >"$recorded"
  while IFS=$'\t' read -r name verb status message; do
    case $name in '#'*) continue ;; esac
    [ "$last" = "$name" ] || names+=("$name")
    last=$name
    status_of[$name $verb]=$status
    message_of[$name $verb]=$message
  done <"$table"
}

normalized() {
  sed -E "s,$scratch/,,g; s,[0-9a-f]{2}/[0-9a-f]{62},<object>,g; s/[0-9a-f]{64}|[0-9a-f]{12}…/<sha256>/g; s/\t/ /g" "$scratch/.log" | uniq |
    awk 'NR <= 6 { print } NR > 6 { last = $0 } END { if (NR > 7) print "…"; if (NR > 6) print last }' | sed -z 's/\n$//; s/\n/\\n/g'
}

# matches MESSAGE PATTERN
matches() {
  local regex
  regex=$(sed 's/[][\.*^$+?(){}|]/\\&/g; s/<n>/[0-9]+/g; s/<text>/.+/g' <<<"$2")
  [[ $1 =~ ^$regex$ ]]
}

# judged CASE VERB STATUS: compares the status and $scratch/.log with the table.
judged() {
  local name=$1 verb=$2 status=$3 expected_status=${status_of[$1 $2]-} expected=${message_of[$1 $2]-} message verdict=1
  message=$(normalized)
  if [ "$status" = "$expected_status" ] && matches "$message" "$expected"; then
    verdict=0
    message=$expected
  fi
  [ -z "$recorded" ] || printf '%s\t%s\t%s\t%s\n' "$name" "$verb" "$status" "$message" >>"$recorded"
  point $verdict "$name: $verb"
  [ $verdict = 0 ] || printf 'got:\n%s\t%s\n%s\nexpected:\n%s\t%s\n%s\n' "$verb" "$status" "$message" "$verb" "$expected_status" "$expected" | explain
}

# asked CASE VERB: the table says what to expect.
asked() {
  [ -n "${status_of[$1 $2]-}" ]
}

finish_table() {
  [ -z "$recorded" ] || cp "$recorded" "$table"
  done_testing
}
