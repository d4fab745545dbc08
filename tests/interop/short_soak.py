"""A few seconds of what './dev soak' does for minutes; each of its claims is a test.

usage: short_soak.py VIADUCT_PROXY
"""

import contextlib
import os
import re
import sys

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "soak"))

from harness import Tests
from load import Shape
from soak import soak

SECONDS, SEED = 10, 1
SHAPE = Shape(rate=25, at_once=100, largest=8 << 20)
RELOADS_EACH = 2  # seconds


class Comments:
    """What a soak prints is for people."""

    def __init__(self, output):
        self._output = output

    def write(self, text):
        self._output.write(re.sub("(?m)^(?=.)", "# ", text))

    def flush(self):
        self._output.flush()


def holds(claim):
    if not claim.holds:
        raise AssertionError(claim.figure)


def main(program):
    tests = Tests()
    with contextlib.redirect_stdout(Comments(sys.stdout)):
        claims = soak(program, SECONDS, SEED, SHAPE, RELOADS_EACH)
    for claim in claims:
        if claim.holds is not None:
            tests.run(claim.what, holds, claim)
    tests.done()


main(*sys.argv[1:])
