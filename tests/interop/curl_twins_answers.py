"""What the scripted origin says to each path, and what the scripted proxy says to each host."""

import base64
import gzip
import hashlib
import re
import zlib

from harness import PAGE, pattern_bytes

USER, PASSWORD = "alice", "open-sesame"
TOKEN = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
NONCE = "0123456789abcdef"
DATED = "Sat, 01 Jan 2000 00:00:00 GMT"
ETAG = '"the-first"'

HUGE_LINE = "X-Huge: " + "x" * 20_000
ENORMOUS = tuple(f"X-{number}: {'x' * 8000}" for number in range(45))


def message(status, body=b"", *fields, version="HTTP/1.1", framed=True):
    lines = [f"{version} {status}", *fields, *([f"Content-Length: {len(body)}"] if framed else [])]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + body


def chunked(status, body, *fields, trailer=""):
    head = message(status, b"", "Transfer-Encoding: chunked", *fields, framed=False)
    middle = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:middle], body[middle:]))
    return head + chunks + b"0\r\n" + trailer.encode() + b"\r\n"


# ---- who is asking --------------------------------------------------------------------------------------------------


def digest(algorithm, *texts):
    return hashlib.new("sha256" if algorithm == "SHA-256" else "md5", ":".join(texts).encode()).hexdigest()


def digest_is_right(request, field, algorithm):
    """Whether the response belongs to the password, and to the target that is asked for, or to the path in it."""
    given = {name: quoted or bare for name, quoted, bare in
             re.findall(r'(\w+)=(?:"([^"]*)"|([^",\s]+))', request.field(field).removeprefix("Digest "))}
    target = given.get("uri", "")
    if given.get("username") != USER or not target or not request.target.endswith(target):
        return False
    secret, asked = digest(algorithm, USER, "test", PASSWORD), digest(algorithm, request.method, target)
    wanted = digest(algorithm, secret, NONCE, given.get("nc", ""), given.get("cnonce", ""), "auth", asked)
    return given.get("response") == wanted


def challenges(kind):
    """The values of WWW-Authenticate or Proxy-Authenticate."""
    ways = {"basic": ['Basic realm="test"'],
            "digest": [f'Digest realm="test", nonce="{NONCE}", qop="auth", algorithm=MD5, opaque="o"'],
            "digest256": [f'Digest realm="test", nonce="{NONCE}", qop="auth", algorithm=SHA-256'],
            "unknown": ['Strange realm="test"']}
    return ways["basic"] + ways["digest"] if kind == "both" else ways[kind]


def is_known(request, field, kind):
    if kind in ("basic", "both") and request.field(field) == f"Basic {TOKEN}":
        return True
    return kind in ("digest", "digest256", "both") and digest_is_right(
        request, field, "SHA-256" if kind == "digest256" else "MD5")


# ---- the origin -----------------------------------------------------------------------------------------------------


def page(_visit, _request, _argument):
    return message("200 OK", PAGE, "Content-Type: text/html")


def echo(_visit, request, _argument):
    return message("200 OK", request.body, f"Content-Type: {request.field('content-type') or 'text/plain'}")


def status(_visit, _request, code):
    return message(f"{code} As asked for", f"status {code}\n".encode(), "Content-Type: text/plain")


def redirect(_visit, request, code):
    _, _, target = request.target.partition("?to=")
    return message(f"{code} Elsewhere", b"elsewhere\n", f"Location: {target or '/echo'}")


def loop(_visit, _request, _argument):
    return message("302 Again", b"", "Location: /loop")


def cookies(_visit, _request, _argument):
    return message("200 OK", b"cookies\n", "Set-Cookie: one=1; Path=/", "Set-Cookie: two=2; HttpOnly",
                   "Set-Cookie: three=3; Expires=Fri, 01 Jan 2038 00:00:00 GMT; Path=/cookies")


def guarded(_visit, request, kind):
    if is_known(request, "authorization", kind):
        return message("200 OK", b"welcome\n")
    return message("401 Who is it", b"who is it?\n", *(f"WWW-Authenticate: {way}" for way in challenges(kind)))


def encoded(_visit, _request, kind):
    body = gzip.compress(PAGE, mtime=0) if kind == "gzip" else zlib.compress(PAGE)
    return message("200 OK", body, f"Content-Encoding: {kind}")


def in_chunks(_visit, _request, _argument):
    return chunked("200 OK", PAGE, "Trailer: X-Last", trailer="X-Last: yes\r\n")


def some_bytes(_visit, request, count):
    body = pattern_bytes(int(count))
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.field("range"))
    if not match:
        return message("200 OK", body, "Accept-Ranges: bytes")
    first = int(match[1]) if match[1] else len(body) - int(match[2])
    last = int(match[2]) if match[1] and match[2] else len(body) - 1
    if first >= len(body):
        return message("416 Not that far", b"", f"Content-Range: bytes */{len(body)}")
    return message("206 Partial Content", body[first:last + 1], f"Content-Range: bytes {first}-{last}/{len(body)}")


def whole(_visit, _request, count):
    return message("200 OK", pattern_bytes(int(count)))


def named(_visit, _request, name):
    return message("200 OK", b"named\n", f'Content-Disposition: attachment; filename="{name}"')


def dated(_visit, request, _argument):
    if request.field("if-modified-since") == DATED or request.field("if-none-match") == ETAG:
        return message("304 Not Modified", b"", f"ETag: {ETAG}")
    return message("200 OK", b"old\n", f"Last-Modified: {DATED}", f"ETag: {ETAG}")


def flaky(visit, request, argument):
    """/flaky/CODE/TIMES: fails so often."""
    code, times = argument.split("/")
    visit.server.counts[request.target] += 1
    if visit.server.counts[request.target] > int(times):
        return message("200 OK", b"at last\n")
    return message(f"{code} Not yet", b"not yet\n")


def waiting(_visit, _request, seconds):
    return message("503 Not yet", b"not yet\n", f"Retry-After: {seconds}")


def odd(_visit, _request, kind):
    return {
        "early": message("103 Early Hints", b"", "Link: </style>", framed=False) + message("200 OK", PAGE),
        "fields": message("200", b"odd\n", "X-Empty:", "X-Spaces:    two  spaces   ", "x-lower: a", "X-Twice: 1",
                          "X-Twice: 2"),
        "length": message("200 OK", b"", "Content-Length: many", framed=False),
        "folded": message("200 OK", b"folded\n", "X-Folded: one\r\n  two"),
        "huge": message("200 OK", b"huge\n", HUGE_LINE),
        "latin": message("200 OK", b"latin\n", "X-Latin: caf\u00e9"),
        "none": message("204 No Content", b"", framed=False),
        "nul": b"HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Length: 0\r\n\r\n",
        "feeds": b"HTTP/1.1 200 OK\nContent-Length: 6\n\nfeeds\n",
        "both": chunked("200 OK", b"both\n", "Content-Length: 3"),
        "encoding": message("200 OK", b"what\n", "Content-Encoding: strange"),
        "colon": b"HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n",
    }[kind]


def unexpected(_visit, request, _argument):
    if request.field("expect"):
        return message("417 No", b"no\n")
    return message("200 OK", request.body)


ANSWERS = {"": page, "echo": echo, "status": status, "redirect": redirect, "loop": loop, "cookies": cookies,
           "guarded": guarded, "encoded": encoded, "chunked": in_chunks, "bytes": some_bytes, "whole": whole,
           "named": named, "dated": dated, "flaky": flaky, "waiting": waiting, "odd": odd, "unexpected": unexpected}

# What ends its connection: the octets that come before.
LAST_WORDS = {
    "short": message("200 OK", b"", "Content-Length: 100", framed=False) + b"too short\n",
    "to-the-end": message("200 OK", b"to the end\n", "Connection: close", framed=False),
    "old": message("200 OK", b"old\n", framed=False, version="HTTP/1.0"),
    "empty": b"",
    "half-a-head": b"HTTP/1.1 200 OK\r\nX-Half",
    "garbage": b"This is not HTTP\r\n\r\nat all\n",
    "bad-chunk": message("200 OK", b"no chunk\r\n", "Transfer-Encoding: chunked", framed=False),
    "half-a-chunk": message("200 OK", b"10\r\nhalf", "Transfer-Encoding: chunked", framed=False),
}


def origin(visit, request):
    """Whether the connection goes on; the target may be a path or a URL."""
    path = re.sub(r"^\w+://[^/]*", "", request.target).partition("?")[0].strip("/")
    name, _, argument = path.partition("/")
    if name in LAST_WORDS:
        visit.send(LAST_WORDS[name])
        return False
    if name in ("reset", "silence", "drip"):
        return part_badly(visit, name)
    answer = ANSWERS[name](visit, request, argument) if name in ANSWERS else message("404 Not Found", b"nothing\n")
    if request.method == "HEAD":
        answer = answer[:answer.index(b"\r\n\r\n") + 4]
    visit.send(answer)
    return "close" not in request.field("connection")


def part_badly(visit, how):
    if how == "reset":
        visit.reset()
        return False
    if how == "drip":
        visit.send(message("200 OK", b"", "Content-Length: 100", framed=False) + b"a drop\n")
    visit.await_end()
    return False


# ---- the proxy ------------------------------------------------------------------------------------------------------

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"

# Heads that open a tunnel, or are taken for it.
OPENS = {
    "204.test": message("204 No Content", framed=False),
    "201.test": message("201 Created", b"", "X-Proxy: scripted", framed=False),
    "old.test": message("200 Connection established", framed=False, version="HTTP/1.0"),
    "feeds.test": b"HTTP/1.1 200 OK\nX-Feeds: only\n\n",
    "framed.test": message("200 OK", b"", "Content-Length: 5", framed=False),
    "folded.test": message("200 OK", b"", "X-Folded: one\r\n two", framed=False),
    "huge.test": message("200 OK", b"", HUGE_LINE, framed=False),
    "silentreason.test": b"HTTP/1.1 200\r\n\r\n",
}

# Answers that open none, and whether the connection goes on.
REFUSES = {
    "400.test": (message("400 Bad Request", b"bad\n"), True),
    "403.test": (message("403 Forbidden", b"<p>not there</p>\n", "Content-Type: text/html"), True),
    "404.test": (message("404 Not Found", b""), True),
    "429.test": (message("429 Too Many", b"", "Retry-After: 0"), True),
    "502.test": (message("502 Bad Gateway", b"x" * 2000, "Connection: close"), False),
    "503.test": (message("503 Not Now", b""), False),
    "302.test": (message("302 Found", b"", "Location: http://elsewhere.test/"), True),
    "chunked.test": (chunked("502 Bad Gateway", b"in two chunks\n"), True),
    "toend.test": (message("500 Oops", b"to the end\n", framed=False), False),
    "enormous.test": (message("200 OK", b"", *ENORMOUS, framed=False), True),
    "next.test": (b"HTTP/2.0 200 OK\r\n\r\n", False),
    "garbage.test": (b"This is not HTTP\r\n\r\n", False),
    "close.test": (b"", False),
    "half.test": (b"HTTP/1.1 200 OK\r\nX-Half", False),
    "nolength.test": (message("403 No", b"", "Content-Length: many", framed=False), False),
}


def refusal(kind):
    """A host BASIC.test asks for Basic; chunked-, closing- and bodiless-BASIC.test do so in other ways."""
    way, _, kind = kind.rpartition("-")
    fields = [f"Proxy-Authenticate: {challenge}" for challenge in challenges(kind)]
    if way == "chunked":
        return chunked("407 Who is it", b"who is it?\n", *fields), True
    if way == "closing":
        return message("407 Who is it", b"who is it?\n", *fields, "Connection: close"), False
    return message("407 Who is it", b"" if way == "bodiless" else b"who is it?\n", *fields), True


GUARDED = re.compile(r"(?:(?:chunked|closing|bodiless)-)?(basic|digest256|digest|both|unknown)\.test")


def proxy(visit, request):
    host = re.sub(r"^\w+://|:\d+(/.*)?$|/.*", "", request.target)
    match = GUARDED.fullmatch(host)
    if match and not is_known(request, "proxy-authorization", match[1]):
        answer, goes_on = refusal(host.removesuffix(".test"))
        visit.send(answer)
        return goes_on
    if host in ("reset.test", "silence.test"):
        return part_badly(visit, host.removesuffix(".test"))
    if host in REFUSES:
        visit.send(REFUSES[host][0])
        return REFUSES[host][1]
    if request.method != "CONNECT":
        return origin(visit, request)
    if host == "flaky.test":
        visit.server.counts[host] += 1
        if visit.server.counts[host] == 1:
            visit.send(message("503 Not yet", b""))
            return True
    visit.send(OPENS.get(host, ESTABLISHED))
    visit.tunnel(int(request.target.rpartition(":")[2]))
    return False


NAMES = tuple(sorted((*OPENS, *(f"{way}{kind}.test" for way in ("", "chunked-", "closing-", "bodiless-")
                                for kind in ("basic", "digest", "digest256", "both")),
                      "origin.test", "other.test", "flaky.test")))
