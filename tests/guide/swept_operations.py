#!/usr/bin/env python3
"""Every public asynchronous operation has a place in the fault sweeps, tests/net/sweep_*.cpp.

usage: swept_operations.py SOURCE_DIR
"""

import pathlib
import re
import sys

ROOMS = ("net", "client", "server", "relay", "log")

# Parts of operations: they are swept within those that are made of them.
PARTS = {"async_await": "async_connect_tunnel"}

DECLARATION = re.compile(r"^ *(?:static )?(?:virtual )?(?:auto|void) (async_\w+)\(", re.MULTILINE)


def operations(root):
    """The names of the operations, and the headers that declare them."""
    found = {}
    for room in ROOMS:
        for header in sorted((root / "include/viaduct" / room).glob("*.hpp")):
            for name in DECLARATION.findall(header.read_text()):
                found.setdefault(name, set()).add(f"{room}/{header.name}")
    return found


def started(root):
    """The names of the operations that the sweeps start, each with the files."""
    found = {}
    for source in sorted((root / "tests/net").glob("sweep_*.cpp")):
        for name in re.findall(r"\b(async_\w+)\(", source.read_text()):
            found.setdefault(name, set()).add(source.name)
    return found


def main():
    root = pathlib.Path(sys.argv[1])
    public, swept = operations(root), started(root)
    problems = [f"{name} ({', '.join(sorted(headers))}) is in no tests/net/sweep_*.cpp"
                for name, headers in sorted(public.items()) if PARTS.get(name, name) not in swept]
    problems += [f"{name} is named here, and is gone" for name in PARTS if name not in public]
    if len(public) < 20:
        problems.append(f"only {len(public)} operations were found: the headers are written in another way")
    print("TAP version 13\n1..1")
    print(f"{'not ok' if problems else 'ok'} 1 - every asynchronous operation is swept for faults")
    for problem in problems:
        print(f"# {problem}")


if __name__ == "__main__":
    main()
