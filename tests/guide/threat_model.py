"""docs/threat-model.md against the tests that it names.

usage: threat_model.py SOURCE_DIR

A case is named by a path below tests/ and the text of the case in the file: a TEST_CASE, or a string of a Python test,
with {braces} where the test fills in a name. Advisories are named on both sides or on neither.
"""

import ast
import os
import re
import sys

PAGE = "docs/threat-model.md"
CITATION = re.compile(r'`((?:unit|net|interop)/\w+\.(?:cpp|py))` "((?:[^"|])+)"')
PATH = re.compile(r"`((?:unit|net|interop|fuzz)/[^`]+)`")
ADVISORY = re.compile(r"\b(?:CVE-\d{4}-\d+|GHSA(?:-\w{4}){3})\b")
ATTACKS = ("tests/interop/known_attacks.py", "tests/unit/known_attacks.cpp")


def of_cpp(text):
    """The names of the cases, their pieces joined."""
    for call in re.finditer(r'TEST_CASE(?:_TEMPLATE)?\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', text):
        yield "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', call[1]))
    yield from re.findall(r'RELAY_CASE\(\s*"([^"]*)"', text)


def of_python(text):
    """All strings; those with names filled in as they are written, braces included."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{" + ast.unparse(part.value) + "}"
                          for part in node.values)


def read(source, path):
    with open(os.path.join(source, path), encoding="utf-8") as file:
        return file.read()


def cases(source, path, known={}):
    if path not in known:
        text = read(source, os.path.join("tests", path))
        known[path] = set(of_cpp(text) if path.endswith(".cpp") else of_python(text))
    return known[path]


def problems(source):
    """Lines without a test, citations of what is not there, advisories on one side only."""
    page = read(source, PAGE)
    headed = False
    for number, line in enumerate(page.splitlines(), 1):
        headed = line.startswith("|") and (headed or line.endswith("| Shown by |"))
        row = headed and not line.endswith("| Shown by |") and not set(line) <= set("|-")
        found = CITATION.findall(line)
        if len(found) != len(PATH.findall(line)) or (row and not found):
            yield f"{number}: a line of a table names no case, or a path stands without one"
        for path, text in found:
            if not os.path.exists(os.path.join(source, "tests", path)):
                yield f"{number}: there is no {path}"
            elif text not in cases(source, path):
                yield f"{number}: {path} has no case '{text}'"
    acted = {each for path in ATTACKS for each in ADVISORY.findall(read(source, path))}
    yield from (f"{each} is named on one side only" for each in sorted(acted ^ set(ADVISORY.findall(page))))


def main(source):
    print("TAP version 13\n1..1")
    found = list(problems(source))
    cited = len(CITATION.findall(read(source, PAGE)))
    for each in found:
        print("#", each.encode("ascii", "backslashreplace").decode("ascii"))
    well = not found and cited > 0
    print(f"{'ok' if well else 'not ok'} 1 - the {cited} tests that {PAGE} names are there")
    sys.exit(not well)


if __name__ == "__main__":
    main(*sys.argv[1:])
