#!/usr/bin/env bash
# Another project uses the installed library: it builds the README's two programs with nothing but pkg-config.
# For viaduct-boost, they are what a reader with Boost.Asio makes of them.
#
#   run.sh BUILD_DIR SOURCE_DIR viaduct|viaduct-boost

set -uo pipefail
build=$1 source=$2 name=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0 status=0

point() { # point STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; status=1; fi
}

# Installs below $work, and tells pkg-config that the prefix is there.
DESTDIR=$work meson install -C "$build" --no-rebuild --quiet >"$work/install.log" 2>&1
point $? "meson install"
pc=$(find "$work" -name "$name.pc")
export PKG_CONFIG_PATH=${pc%/*}
prefix=$work$(pkg-config --variable=prefix "$name")
read -ra flags <<<"$(pkg-config --define-variable=prefix="$prefix" --cflags --libs "$name")"
[[ $name == viaduct ]] && asio=asio || asio=boost::asio

for program in client proxy; do
    awk -v want="$program" '/^```cpp/ { n++; on = (n == (want == "client" ? 1 : 2)); next } /^```/ { on = 0 } on' \
        "$source/README.md" >"$work/$program.readme"
    diff -u "$source/tests/consumer/$program.cpp" "$work/$program.readme" | sed 's/^/# /'
    point "${PIPESTATUS[0]}" "the $program in the README is the one that is tested"

    sed "s/\<asio::/$asio::/g" "$source/tests/consumer/$program.cpp" >"$work/$program.cpp"
    ${CXX:-g++} -std=c++20 "$work/$program.cpp" -o "$work/$program" "${flags[@]}" \
        -Wl,-rpath,"${pc%/pkgconfig/*}" >"$work/$program.log" 2>&1
    result=$?
    sed 's/^/# /' "$work/$program.log" | head -n 20
    point $result "the $program builds against the installed library"
    ldd "$work/$program" | grep -q 'not found'
    point $((1 - $?)) "the $program finds its libraries"
done
echo "1..$number"
exit $status
