#!/usr/bin/env bash
# A compiler for matrix.py: COMMAND... as it is, but what is in Viaduct's lib/ is not compiled once more. It is taken from
# the build in VIADUCT_OBJECTS after COMMAND's preprocessor has seen it: so macros and include directories have to be right.
set -euo pipefail

source=
previous=
output=
for word; do
    [[ $word != */lib/viaduct*.cpp ]] || source=${word##*/}
    [[ $previous != -o ]] || output=$word
    previous=$word
done
[[ -n $source && " $* " == *' -c '* ]] || exec "$@"

command=()
for word; do
    case $word in
    -c) command+=(-E) ;;
    "$output") command+=(/dev/null) ;;
    *) command+=("$word") ;;
    esac
done
# Where the compiler writes what a source depends on, unless it is told, goes by the output's name.
[[ " $* " != *' -MD '* || " $* " == *' -MF '* ]] || command+=(-MF "$output.d")
"${command[@]}"
cp "$VIADUCT_OBJECTS"/*.p/"$source.o" "$output"
