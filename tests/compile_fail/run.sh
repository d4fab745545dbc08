#!/usr/bin/env bash
# Compiles cases.cpp once for each case: case 0 must compile, the others must not.
#
#   run.sh SOURCE_DIR COMPILER...

set -uo pipefail
source=$1
shift
cases=$source/tests/compile_fail/cases.cpp
last=$(grep -oE 'CASE == [0-9]+' "$cases" | tail -n 1 | grep -oE '[0-9]+')
status=0
for ((n = 0; n <= last; ++n)); do
    what=$(sed -nE "s,^#(el)?if CASE == $n // ,,p" "$cases")
    "$@" -std=c++20 -fsyntax-only -I "$source/include" -DCASE="$n" "$cases" >/dev/null 2>&1
    compiles=$?
    if ((n == 0 ? compiles == 0 : compiles != 0)); then word='ok'; else word='not ok' status=1; fi
    if ((n == 0)); then what='what is right'; fi
    echo "$word $((n + 1)) - $([[ $n == 0 ]] && echo compiles || echo 'does not compile'): $what"
done
echo "1..$((last + 1))"
exit $status
