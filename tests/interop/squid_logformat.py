"""The same `logformat` lines in Squid and in viaduct-proxy, and the same requests at both: what they write is the same.

usage: squid_logformat.py VIADUCT_PROXY

Compared is field by field. What must differ is in two tables: OUTCOMES (another status, another tag) and DIFFERENT
(everything else), each with the reason.
"""

import concurrent.futures
import contextlib
import glob
import re
import sys
from typing import NamedTuple

from harness import Skip, Tests, expect, run_client, scratch_directory, write_file
from squid_scenes import PASSWORD, USER, Logs, Places, Visitor, squid, viaduct

BETWEEN = " ~ "  # between the fields of a line; no value has it

TIME = r"\[(.*?)\]"

# The formats that both have by name: a pattern with a group for each field, and what the groups are.
BUILT_IN = {
    "squid": (r" *(\d+\.\d{3}) +(\d+) (\S+) (\w+)/(\d{3}) (\d+) (\S+) (\S+) (\S+) (\w+)/(\S+) (\S+)",
              "%ts.%03tu %tr %>a %Ss %03>Hs %<st %rm %ru %un %Sh %<a %mt"),
    "common": (rf'(\S+) (\S+) (\S+) {TIME} "(\S+) (\S+) (\S+)" (\d+) (\d+) (\w+):(\w+)',
               "%>a %ui %un %tl %rm %ru HTTP/%rv %>Hs %<st %Ss %Sh"),
    "combined": (rf'(\S+) (\S+) (\S+) {TIME} "(\S+) (\S+) (\S+)" (\d+) (\d+) "(.*?)" "(.*)" (\w+):(\w+)',
                 "%>a %ui %un %tl %rm %ru HTTP/%rv %>Hs %<st %'{Referer}>h %'{User-Agent}>h %Ss %Sh"),
    "referrer": (r"(\d+\.\d{3}) (\S+) (\S+) (\S+)", "%ts.%03tu %>a %'{Referer}>h %ru"),
    "useragent": (rf'(\S+) {TIME} "(.*)"', "%>a %tl %'{User-Agent}>h"),
}

# Squid adds them to its three main formats as soon as any other format asks for all fields (%>h).
MIME_FIELDS = re.compile(r" \[[^\]]*\] \[[^\]]*\]$")

# Our own lines: fields, without what stands between them.
LINES = {
    "wild": "%ts.%03tu %6tr %>a %Ss %03>Hs %<st %>st %rm %ru %un %Sh %<a %mt %{User-Agent}>h %err_code %dt %<tt",
    "client": "%>a %>A %>p %>la %>lp %la %lp %>eui",
    "server": "%<a %<A %<p %<la %<lp",
    "method": "%rm %>rm %<rm %http::rm %http::>rm",
    "url": "%ru %>ru %<ru %>rs %<rs",
    "parts of the url": "%>rd %<rd %>rP %<rP %rp %>rp %<rp",
    "version": "%rv %>rv",  # %<rv is in Squid 5.7 whatever lay in its buffer
    "status": "%>Hs %<Hs %http::>Hs %mt %03>Hs %Ss %Sh",
    "errors": "%err_code %err_detail",
    "request fields": "%{Host}>h %>h{Host} %{host}>h %{User-Agent}>h %{X-None}>h %{X-Twice}>h %{X-Empty}>h",
    "credentials": "%{Proxy-Authorization}>h %'{Proxy-Authorization}>h",
    "elements": "%{X-List:,b}>h %{X-List:b}>h %{X-List:,c}>h %{X-List:;b}>h %{X-List:,none}>h",
    "all fields": "%>h %>ha",
    "answer fields": "%{Content-Type}<h %{Proxy-Authenticate}<h %{Content-Length}<h %{X-None}<h",
    "whole answer": "%<h",
    "sizes": "%st %>st %<st",
    "sizes of heads": "%>sh %<sh",
    "sizes upstream": "%<sH %<sS %<bs",
    "times": "%ts %tu %03tu %tl %tg %tS",
    "strftime": "%{%Y-%m-%dT%H:%M:%S%z}tl %{%Y-%m-%dT%H:%M:%S}tg %tl{%H}",
    "durations": "%tr %6tr %dt %<pt %<tt",
    "numbers": "%sn %5sn %master_xaction",
    "users": "%un %ul %ue %ui %[un %#un %'un",
    "notes": "%et %ea %note %{any}note",
    "in quotes": "%\"{X-Odd}>h",
    "as mime": "%[{X-Odd}>h",
    "as in a URL": "%#{X-Odd}>h",
    "for a shell": "%/{X-Odd}>h",
    "raw": "%'{X-Odd}>h",
    "as it is by itself": "%{X-Odd}>h",
    "encoded": "%/{User-Agent}>h %/rm %\"{User-Agent}>h %[{User-Agent}>h %#{User-Agent}>h %\"rm %[ru %#ru",
    "widths": "%20>a %-20>a %.3>a %5.7>a %-5.2rm %10rm %-10rm %.0rm",
    "widths of numbers": "%08>Hs %-8>Hs %.2>Hs %2>Hs %8>Hs %08rm %-08>Hs",
    "widths of encoded": "%\"60{User-Agent}>h %\"-60{User-Agent}>h %#.12{User-Agent}>h %[.30{User-Agent}>h",
    "text": "100%% [%rm] \"%rm\" a%%b {x} %rm%rm \\n '%rm' %>a/%rm",
    "a long value": "%{X-Long}>h",
    "marks": "%>qos %<qos %>nfmark %<nfmark",
}


def formats():
    """What the proxies are told: names, and specifications where they need one."""
    own = [(f"line{number}", BETWEEN.join(spec.split())) for number, spec in enumerate(LINES.values())]
    return [(name, None) for name in BUILT_IN] + own


# ---- what differs ---------------------------------------------------------------------------------------------------

# Of each request: tag and status in Squid, and here where they are others.
AGREED = "TCP_TUNNEL/200"
OUTCOMES = {
    "tunnel_by_address": (AGREED,), "tunnel_by_name": (AGREED,), "tunnel_in_capitals": (AGREED,),
    "tunnel_of_http_1_0": (AGREED,), "odd_fields": (AGREED,), "early_octets": (AGREED,), "right_password": (AGREED,),
    "unasked_password": (AGREED,), "reset_by_client": (AGREED,), "reset_by_origin": (AGREED,),
    "forbidden_port": ("TCP_DENIED/403",), "forbidden_name": ("TCP_DENIED/403",), "no_password": ("TCP_DENIED/407",),
    "wrong_password": ("TCP_DENIED/407",), "garbage": ("NONE_NONE/400",), "bad_version": ("NONE_NONE/505",),
    "too_big": ("NONE_NONE/431",), "nothing": ("NONE_NONE/000",), "half_a_head": ("NONE_NONE/000",),
    # TCP_TUNNEL as in Squid 6 for whatever was tried; the statuses of RFC 9110 and RFC 9209.
    "connection_refused": ("NONE_NONE/503", "TCP_TUNNEL/502"), "no_such_name": ("NONE_NONE/500", "TCP_TUNNEL/502"),
    "dial_timeout": ("NONE_NONE/503", "TCP_TUNNEL/504"),
    # Squid goes on connecting for a client that has gone.
    "abort_during_dial": ("NONE_NONE/503", "TCP_TUNNEL/000"),
    # Any method but CONNECT is a 405; Squid is a proxy for them, and has to be told by a rule.
    "get": ("TCP_DENIED/403", "TCP_DENIED/405"),
    "unknown_method": ("TCP_DENIED/403", "TCP_DENIED/405"),
    # A client that is too slow is told so, where Squid closes without a word.
    "silence": ("NONE_NONE/000", "NONE_NONE/408"), "slow_head": ("NONE_NONE/000", "NONE_NONE/408"),
}


def shape(text):
    """Numbers and months may be others, white space before them too."""
    return re.sub(r"\b[A-Z][a-z]{2}\b", "Mon", re.sub(r"\d+", "0", text.strip()))


def as_a_set(fields):
    """The fields of a head in any order, without credentials and capital letters."""
    return sorted(re.sub("(Basic%20)[^%]*", r"\1***", fields).lower().split("%0d%0a"))


REFUSED = "forbidden_port forbidden_name no_password wrong_password garbage bad_version too_big get unknown_method "
FAILED = "connection_refused no_such_name dial_timeout "
SLOW = "silence slow_head "
UNREAD = SLOW + "garbage bad_version too_big nothing half_a_head "


class Difference(NamedTuple):
    codes: str  # the fields that it is about, divided by blanks
    requests: str  # the requests, likewise; all if there are none
    how: object  # a function that makes both the same; or patterns of what Squid writes and what we do
    why: str
    always: bool = True  # whether it shows in every run


DIFFERENT = (
    # Squid's own way
    Difference("%dt", "tunnel_by_name tunnel_in_capitals", (r"-", r"\d+"), "Squid counts nothing of /etc/hosts"),
    Difference("%ts.%03tu %ts %tu %03tu %tl %tg %tS %tr %<pt %<tt %dt %{%Y-%m-%dT%H:%M:%S%z}tl %{%Y-%m-%dT%H:%M:%S}tg "
               "%tl{%H}", "", shape, "two moments"),
    Difference("%master_xaction", UNREAD, (r"-|\d+", r"\d+"), "Squid may have none; here every record has its number"),
    Difference("%>p %>lp %lp %<lp %master_xaction", "", shape, "two clients, two listeners"),
    Difference("%<rm %<ru %<rs %<rP", "garbage bad_version too_big",
               (r"-|NONE|http://|http|:0|0|CONNECT", r"-|CONNECT"), "Squid tells of a request that it will never send"),
    Difference("%>st %>sh %st", SLOW + "garbage bad_version too_big half_a_head", shape,
               "how much had been read by then"),
    Difference("%err_code", "no_such_name", ("ERR_CANNOT_FORWARD", "ERR_DNS_FAIL"), "Squid 5 tells of no reason"),
    # what is decided or said otherwise
    Difference("%<st %st %<sh %<sH %<sS", REFUSED + FAILED + SLOW, shape,
               "other pages; Squid counts none of a failed dial"),
    Difference("%mt", REFUSED + FAILED + SLOW, (r"text/html|-", r"text/plain"), "likewise"),
    Difference("%{Content-Type}<h %{Content-Length}<h %<h", REFUSED + FAILED + SLOW,
               (r".*", r"-|HTTP/1\.1%20\d{3}%20[A-Za-z%0-9]+%0D%0A.*"), "only fields that tell of the cause are kept"),
    Difference("%{Proxy-Authenticate}<h", "no_password wrong_password",
               (r"Basic%20realm=%22test%22", r"Basic%20realm=%22test%22,%20charset=%22UTF-8%22"),
               "RFC 7617 has a charset"),
    Difference("%err_code %err_detail", "abort_during_dial", (r"ERR_CONNECT_FAIL|errno=\d+", "-"), "nobody was told"),
    Difference("HTTP/%rv %rv", "slow_head", (r"(NONE/)?0\.0", r"(HTTP/)?1\.1"), "there is an answer, a 408"),
    Difference("%rm %<rm %http::rm %ru %>ru [%rm] \"%rm\" '%rm' %rm%rm %>a/%rm", "slow_head",
               (r".*-.*", r"[^a-z]*|localhost:443"), "as much as had come is told"),
    Difference("%>rs %<rs %>rd %<rd %>rP %<rP %rp %>rp %<rp", "get unknown_method", (r".+", "-"),
               "the target of a method that is not served is not taken apart"),
    # what nobody has proved, and what is nobody's business
    Difference("%un %ul", "wrong_password", (USER, "-"), "a name that nobody has proved"),
    Difference("%{Proxy-Authorization}>h", "wrong_password right_password unasked_password",
               (r"Basic.*=", r"Basic(%20| )\*\*\*"), "a password"),
    Difference("%>A", "", (r"\S+", r"127\.0\.0\.1"), "names of clients are not looked up", False),
    # fields as they came, but for what could forge a line
    Difference("%>h %>ha", "", as_a_set, "Squid writes Host anew, behind the others, and so do passwords look"),
    Difference("%{Host}>h %>h{Host} %{host}>h", "tunnel_in_capitals", (r"localhost:\d+", r"LOCALHOST:\d+"),
               "likewise"),
    Difference("%\"{X-Odd}>h %/{X-Odd}>h %'{X-Odd}>h", "odd_fields", (r".*", r"[ -~]*"),
               "no control character, and nothing beyond ASCII, is written as it came"),
    Difference("%'{User-Agent}>h", "", (r".*", r'(\\"|[^"])*'), "a quote of the client's would end the field"),
)


class Fields:
    """A line in its fields."""

    def __init__(self, line, name):
        if name in BUILT_IN:
            pattern, codes = BUILT_IN[name]
            match = re.fullmatch(pattern, MIME_FIELDS.sub("", line))
            expect(match is not None, True, f"that {name} has its form in {line!r},")
            self.values = match.groups()
        else:
            codes, self.values = LINES[name], line.split(BETWEEN)
        self.codes = codes.split()
        expect(len(self.values), len(self.codes), f"the number of fields of '{name}' in {line!r}")


def bare(code):
    """A code without its encoding and its width."""
    return re.sub(r"""%["\[#/']?-?\d*(\.\d+)?(?=[{<>a-zA-Z])""", "%", code)


class Comparison:
    """Knows which differences are expected, and which of them have been met."""

    def __init__(self):
        self.met = set()

    def expected(self, request, code):
        for difference in DIFFERENT:
            if code in difference.codes.split() and (not difference.requests or request in difference.requests.split()):
                return difference
        return None

    def same(self, request, code, theirs, ours):
        if theirs == ours:
            return True
        difference = self.expected(request, code) or self.expected(request, bare(code))
        if not difference:
            return False
        self.met.add(difference)
        if callable(difference.how):
            return difference.how(theirs) == difference.how(ours)
        return all(re.fullmatch(pattern, value, re.DOTALL) for pattern, value in zip(difference.how, (theirs, ours)))


def outcome(request, code, theirs, ours):
    """Whether a field is the tag or the status of a request for which the two have others, and what to say then."""
    agreed = OUTCOMES[request]
    if len(agreed) == 1 or bare(code) not in ("%Ss", "%>Hs", "%http::>Hs"):
        return False
    for value, wanted in ((theirs, agreed[0]), (ours, agreed[1])):
        tag, status = wanted.split("/")
        expect(value if bare(code) == "%Ss" else int(value), tag if bare(code) == "%Ss" else int(status), code)
    return True


def compare(comparison, request, name, theirs, ours):
    wrong = []
    squid_fields, our_fields = Fields(theirs, name), Fields(ours, name)
    for code, squid_value, our_value in zip(squid_fields.codes, squid_fields.values, our_fields.values):
        if outcome(request, code, squid_value, our_value):
            continue
        if not comparison.same(request, code, squid_value, our_value):
            wrong.append(f"{code} is {our_value!r}, in Squid {squid_value!r}")
    if wrong:
        raise AssertionError("\n".join(wrong))


def all_met(comparison):
    """An expectation that nothing has met is out of date."""
    expect([difference.codes for difference in DIFFERENT if difference.always and difference not in comparison.met], [],
           "the list of differences that there are no more")


# ---- the two of them ------------------------------------------------------------------------------------------------


def visit_all(places, port, logs, stalled):
    """The lines of each request, one of each format."""
    visitor = Visitor(port, places, stalled)
    written = {}
    for number, request in enumerate(OUTCOMES):
        getattr(visitor, request)()
        written[request] = [re.sub(rf"\b{stalled.port}\b", "STALLED", line) for line in logs.next(number)]
    return written


def helper_and_users(directory):
    found = glob.glob("/usr/lib*/squid/basic_ncsa_auth")
    if not found:
        raise Skip("squid is not installed")
    done = run_client("openssl", "passwd", "-apr1", PASSWORD)
    return found[0], write_file(f"{directory}/users", f"{USER}:{done.stdout.decode().strip()}\n")


def lines_of_both(program, stack):
    places = Places(stack)
    folders = [stack.enter_context(scratch_directory()) for _ in range(2)]
    helper = helper_and_users(folders[0])
    ports = (stack.enter_context(squid(folders[0], places, *helper, formats())),
             stack.enter_context(viaduct(program, folders[1], places, *helper, formats())))
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        visits = [threads.submit(visit_all, places, port, Logs(folder, len(formats())), stalled)
                  for port, folder, stalled in zip(ports, folders, places.stalled)]
        return [visit.result() for visit in visits]


def main(program):
    tests = Tests()
    with contextlib.ExitStack() as stack:
        both = []
        tests.run("the same requests at Squid and here", lambda: both.extend(lines_of_both(program, stack)))
        comparison = Comparison()
        for request in OUTCOMES if both else ():
            lines = zip(both[0][request], both[1][request])
            for name, (theirs, ours) in zip((*BUILT_IN, *LINES), lines):
                tests.run(f"{request.replace('_', ' ')}: {name}", compare, comparison, request, name, theirs, ours)
        tests.run("all differences that are expected are there", all_met, comparison)
    tests.done()


if __name__ == "__main__":
    main(*sys.argv[1:])
