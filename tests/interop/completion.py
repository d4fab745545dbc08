"""What the shells complete is what --help tells: each option, the words that one takes, and files.

    completion.py COMPLETION_DIR VIADUCT_PROXY VIADUCT_CURL
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import harness

directory = pathlib.Path(sys.argv[1]).resolve()
proxy, curl = (str(pathlib.Path(program).resolve()) for program in sys.argv[2:4])

BASH = """source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_viaduct "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"; printf '%s\\n' "${COMPREPLY[@]}" """
# The completion system is for terminals: here its two functions write down what they would offer.
ZSH = """completion=$1; shift; words=("$@"); CURRENT=$#
compadd() { shift; print -rl -- ${(M)@:#${words[CURRENT]}*} }; _files() { print -rl -- ${words[CURRENT]}*(N) }
offer() { source $completion }; offer"""


def shells():
    if not shutil.which("zsh") or not shutil.which("bash"):
        raise harness.Skip("bash and zsh are needed")
    return ((["bash", "-c", BASH, "bash"], "viaduct.bash"), (["zsh", "-f", "-c", ZSH, "zsh"], "_viaduct"))


def expect_offer(wanted, *words, cwd=None):
    for shell, file in shells():
        done = subprocess.run([*shell, str(directory / file), *words], cwd=cwd, text=True, capture_output=True, timeout=20)
        offered = set(done.stdout.split())
        if offered != wanted or done.stderr:
            raise AssertionError(f"{file}: missing {wanted - offered}, too much {offered - wanted}; {done.stderr}")


def offers_each_option(program, *all_of_them):
    text = subprocess.run([program, "--help", *all_of_them], text=True, capture_output=True, timeout=20).stdout
    # An option begins its line, or stands behind another and a comma.
    wanted = {name for line in re.findall(r"(?m)^ +(-[^\s,]+(?:, ?-[^\s,]+)*)", text) for name in re.split(", ?", line)}
    if len(wanted) < 50:
        raise AssertionError(f"--help tells of {len(wanted)} options only")
    expect_offer({name for name in wanted if name.startswith("--")}, program, "--")
    expect_offer(wanted, program, "")


def offers_words_and_files():
    with tempfile.TemporaryDirectory() as place:
        pathlib.Path(place, "key.pem").touch()
        pathlib.Path(place, "other.pem").touch()
        expect_offer({"key.pem"}, proxy, "--tls-key", "k", cwd=place)
        expect_offer({"key.pem", "other.pem"}, curl, "-v", "--proxy-cert", "", cwd=place)
    expect_offer({"none", "optional", "required"}, proxy, "--tls-client-cert", "")
    expect_offer({"policy"}, curl, "--delegation", "p")
    expect_offer({"drop-new", "drop-oldest"}, proxy, "--log-when-full", "drop")
    expect_offer(set(), proxy, "--http-port", "")


tests = harness.Tests()
tests.run("each option of viaduct-proxy", offers_each_option, proxy)
tests.run("each option of viaduct-curl", offers_each_option, curl, "all")
tests.run("the words that an option takes, and files", offers_words_and_files)
tests.done()
