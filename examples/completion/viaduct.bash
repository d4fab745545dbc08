# Completion of viaduct-proxy and viaduct-curl for bash. It asks --help, and so knows what the installed program knows.

# _viaduct_options PROGRAM : a line for each option: its name, and what it takes, if anything.
_viaduct_options() {
    local all=
    [[ ${1##*/} == viaduct-curl ]] && all=all
    "$1" --help $all 2>/dev/null | awk '/^ +-/ {
        sub(/^ +/, ""); sub(/  .*/, ""); gsub(/,/, " "); takes = ""
        for (i = NF; i > 0; --i) if ($i !~ /^-/) takes = $i
        for (i = 1; i <= NF && $i ~ /^-/; ++i) print $i, takes
    }'
}

_viaduct() {
    local word=$2 before=$3 takes
    COMPREPLY=()
    takes=$(_viaduct_options "$1" | awk -v option="$before" '$1 == option { print $2; exit }' | tr -d '<>')
    case $takes in
    *FILE* | *file* | *path* | *directory*)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        ;;
    *[!a-z0-9\|=-]*) ;; # something that only the user knows
    *\|*) mapfile -t COMPREPLY < <(compgen -W "$(tr '|' ' ' <<<"${takes%%=*}")" -- "$word") ;;
    '') mapfile -t COMPREPLY < <(compgen -W "$(_viaduct_options "$1" | cut -d ' ' -f 1)" -- "$word") ;;
    esac
}

complete -F _viaduct viaduct-proxy viaduct-curl
