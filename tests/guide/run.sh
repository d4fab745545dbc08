#!/usr/bin/env bash
# Compiles the examples of docs/guide/server.md: in their order they are the body of one function.
#
#   run.sh SOURCE_DIR COMPILER...

set -uo pipefail
source=$1
shift
guide=$source/docs/guide/server.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Includes go to the top; every line keeps the number that it has in the guide.
{
    printf '#include <viaduct/viaduct.hpp>\n#include <viaduct/detail/asio_programs.hpp>\n'
    printf '#include <csignal>\n#include <iostream>\n'
    grep '^#include <' "$guide" | grep -v '<asio/' # which Asio it is depends
    printf '#if defined(VIADUCT_BOOST_ASIO)\nnamespace asio = boost::asio;\n#endif\nvoid guide()\n{\n'
    awk '/^```cpp/ { on = 1; printf "#line %d \"server.md\"\n", NR + 1; next } /^```/ { on = 0 } on { sub(/^#include.*/, ""); print }' "$guide"
    printf '}\n'
} >"$work/guide.cpp"

blocks=$(grep -c '^```cpp' "$guide")
echo "1..1"
if ((blocks > 0)) && "$@" -std=c++20 -fsyntax-only -I "$source/include" "$work/guide.cpp" >"$work/log" 2>&1; then
    echo "ok 1 - the $blocks examples of docs/guide/server.md compile"
else
    sed 's/^/# /' "$work/log" | head -n 30
    echo "not ok 1 - the $blocks examples of docs/guide/server.md compile"
    exit 1
fi
