"""Small helpers for proxies that speak Squid's helper protocol, each with a trait of its own.

usage: helper_programs.py KIND
  backwards  has channels; takes two questions, and answers the second one first
  mortal     names its own process as the user: whoever asks can see which one it was, and whether it is another
  silent     never answers `hang`, whoever that is
  hosts      an external ACL: a client may go to the hosts that the ACL lists, and is called by its first letter
"""

import os
import sys


def verdict(user, password):
    return f"OK user={user}-by-channel" if password == "open-sesame" else "ERR"


def backwards(lines):
    for first in lines:
        for channel, user, password in (next(lines).split(), first.split()):
            yield f"{channel} {verdict(user, password)}"


def mortal(lines):
    for _ in lines:
        yield f"OK user=process-{os.getpid()}"


def silent(lines):
    for line in lines:
        if not line.startswith("hang "):
            yield "OK"


def hosts(lines):
    for line in lines:
        client, host, *allowed = line.split()
        yield f"OK user=from-{client}" if host in allowed else "ERR message=elsewhere"


def main(kind):
    for answer in {"backwards": backwards, "mortal": mortal, "silent": silent, "hosts": hosts}[kind](sys.stdin):
        print(answer, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
