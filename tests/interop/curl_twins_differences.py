"""What viaduct-curl does otherwise than curl 7.88 with the same command line, and why."""

import re
from typing import NamedTuple


class Difference(NamedTuple):
    """What is seen of viaduct-curl is what is seen of curl, but that where `theirs` matches `ours` does."""

    names: str       # a pattern of what is compared: 'exit', 'stderr', '%{http_code}', 'at $proxy', 'file NAME'
    theirs: str
    ours: str
    why: str
    where: str = ""  # a pattern of command lines
    said: str = ""   # a pattern of curl's messages

    def concerns(self, line, seen, name):
        return (re.fullmatch(self.names, name) and re.search(self.where, line)
                and re.search(self.said, seen.get("stderr", "")))


class Wanted:
    """What is seen of curl, with patterns in place of what differs."""

    def __init__(self, value):
        self._parts = [value]  # text and patterns in turn
        self.met = []

    def apply(self, difference):
        parts = []
        for number, part in enumerate(self._parts):
            pieces = [part] if number % 2 else re.split(f"(?s:{difference.theirs})", part)
            parts.append(pieces[0])
            for piece in pieces[1:]:
                parts += [difference.ours, piece]
        self.met += [difference] if len(parts) > len(self._parts) else []
        self._parts = parts

    def fits(self, value):
        pattern = "".join(part if number % 2 else re.escape(part) for number, part in enumerate(self._parts))
        return bool(re.fullmatch(pattern, value, re.DOTALL))

    def __str__(self):
        return "".join(self._parts)


FAILED = r"(?m)^curl: \(\d+\)"
REFUSED = "CONNECT tunnel failed, response"
TOLD = "stderr|%{errormsg}"
DEAF = r"-x https://127.0.0.1:\$proxy_port"
BAD_TLS = r"--proxy-(cacert missing|ciphers NOPE|cert missing)"
NO_FILE = "-[dwH] @missing"
EXPLAINED = r"\nMore details here: .*?mentioned above\."
NOT_WRITTEN = ("(?:Failure writing output to destination|"
               "Failed writing (?:header|body|received data to disk/application))")

PINNED = "--proxy-pinnedpubkey"
FTP = "to=ftp:"
NO_LENGTH = r"nolength\.test"
NO_NAME = r"curl -O \$http/$"

DIFFERENT = (
    # of these nothing is alike
    Difference("exit|%{exitcode}", r"\A0\Z", "4",
               "a pin that is not checked is refused; curl 7.88 lets a wrong one through", PINNED),
    Difference("stderr|%{errormsg}", r"\A\Z", r"(curl: \(4\) )?option --proxy-pinnedpubkey: .*", "and why", PINNED),
    Difference("stdout|at .*|%{(content_type|scheme|local_ip|remote_ip)}", r"\A.+\Z", "", "nobody is asked", PINNED),
    Difference("%{(http_|response_|num_|remote_port|size_).*}", r"\A.+\Z", "0+", "nor counted", PINNED),
    Difference("%{times}", " connect appconnect pretransfer starttransfer", "", "nor waited for", PINNED),

    Difference("exit|%{exitcode}", r"\A7\Z", "1", "curl speaks FTP, and goes there", FTP),
    Difference("stderr|%{errormsg}", r"(?:\(7\) |\A)Failed to connect .*", r"(\(1\) )?Protocol \"ftp\" not supported",
               "it is not to be followed", FTP),
    Difference("%{num_redirects}", "1", "0", "it does not count", FTP),
    Difference("%{times}", " redirect", "", "nor for the times", FTP),
    Difference("%{size_download}", r"\A0\Z", "10", "what is with it was loaded", FTP),
    Difference("%{redirect_url}", r"\A\Z", r"ftp://localhost:\d+/", "where it would lead", FTP),
    Difference("%{url_effective}", r"\A", r"http://localhost:\d+/redirect/302\?to=", "who has answered", FTP),

    # an answer to a CONNECT that is broken
    Difference("exit|%{exitcode}", "56", "8", "a length that is none is malformed, as of curl 8.20", NO_LENGTH),
    Difference("stderr", rf"\(56\) {REFUSED} 403", r"\(8\) Unsupported Content-Length value", "the same in the message",
               NO_LENGTH),
    Difference("%{errormsg}", f"{REFUSED} 403", "Unsupported Content-Length value", "and for -w", NO_LENGTH),
    Difference("%{http_connect}", "200", "000", "a head without an end has told nothing",
               r"(huge|enormous|half)\.test"),
    Difference("%{size_header}", r"\d{6}", r"64\d{3}", "of a head there is no more than its limit", r"enormous\.test"),
    Difference("%{num_headers}", "39", "0", "and its fields do not count", r"enormous\.test"),
    Difference("%{size_header}", "19|20", "1[78]", "behind a line that is not HTTP/1 nothing is read",
               r"https://(next|garbage)\.test"),
    Difference("at .proxy", "(?<=connection 1:\n)(?=CONNECT)", r"PROXY TCP4 127.0.0.1 127.0.0.1 N \d+\r\n",
               "a header that goes into the tunnel is of no use to the proxy", r"-x \$proxy --haproxy-protocol"),
    Difference("stdout|stderr|exit|at .tls|%{.*}", r"\A.*\Z", ".*", "and breaks TLS",
               r"-x \$proxy --haproxy-protocol"),
    Difference("exit", "0", "26", "a file that cannot be read is no empty one, as of curl 8", NO_FILE),
    Difference("-w|stdout|stderr|at .http|%{.*}", r"\A.*\Z", ".*", "and nobody is asked for anything", NO_FILE),
    Difference("%{(times|scheme|local_ip|remote_ip|remote_port|num_connects|proxy_ssl_verify_result)}", ".+", ".*",
               "nobody is dialled before the files have been read", BAD_TLS),

    # a proxy says no
    Difference("exit|%{exitcode}", r"\b56\b", "7", "a refused CONNECT is no received data, as of curl 8.20",
               said=REFUSED),
    Difference("stderr", rf"\(56\) (?={REFUSED})", r"\(7\) ", "the same in the message"),
    Difference("%{times}", "namelookup in order", "namelookup connect in order",
               "whoever refuses has been connected to; curl forgets how long that took", said=FAILED),
    Difference(TOLD, r": \d+ > 307200", "", "nobody has counted what was not read", "enormous.test"),
    Difference("stderr", r"Authorization: Basic \S+", r"Authorization: Basic \[redacted\]",
               "credentials are never shown", "-v "),
    Difference("%{size_request}", r"\d+", r"\d+", "a cnonce has 32 characters, and one of curl's 44",
               "--proxy-(digest|anyauth)"),
    Difference("at .proxy", "User-Agent: \r\n", "", "a field that is taken away is not there", "-A ''"),
    Difference("%{size_request}", r"\d+", r"\d+", "so there is less to send", "-A ''"),
    Difference(TOLD, "(?<=localhost:99999')", ": .*", "why not"),

    # the way
    Difference(TOLD, "SSL certificate problem: ", r"SSL certificate problem of the proxy localhost:\d+: ",
               "whose certificate it is", r"-x \$tlssquid"),
    Difference("stderr", EXPLAINED, "", "the page is about curl"),
    Difference(TOLD, "error setting certificate file: missing.pem",
               "the trusted certificates cannot be used: 'missing.pem': No such file or directory", "why not",
               BAD_TLS),
    Difference(TOLD, "failed setting cipher list: NOPE", "TLS does not know this option's value: 'NOPE': .*",
               "in TLS's words", BAD_TLS),
    Difference(TOLD, "could not load PEM client certificate from missing.pem, .*format\\?\\)",
               "the client certificate cannot be used: 'missing.pem': No such file or directory", "without guesses",
               BAD_TLS),
    Difference(TOLD, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to 127.0.0.1:\\d+ ",
               r"TLS connect error with the proxy 127.0.0.1:\d+: stream truncated", "what has happened, and where",
               DEAF),
    Difference("%{proxy_ssl_verify_result}", "1", "0", "nothing has been verified", DEAF),
    Difference(TOLD, r"Can't complete SOCKS5 connection to \S+ \(\d\)", r"SOCKS5 through localhost:\d+: .*",
               "in words"),
    Difference("at .proxy", "connection 1:\n", r"connection 1:\nCONNECT (?s:.*)connection 2:\n",
               "a proxy in front of a proxy need not be SOCKS", r"--preproxy \$proxy"),
    Difference("%{size_request}", r"\d+", r"\d+", "its CONNECT counts as well", r"--preproxy \$proxy"),

    # what is told of the answer
    Difference("%{num_headers}", "1", "2", "with a trailer curl 7.88 begins to count anew",
               r"(--tr-encoding|-i -x \$proxy) \$\w+/chunked"),
    Difference("%{errormsg}", "HTTP response code said error", r"The requested URL returned error: \d+",
               "the message and the variable are the same", "--fail-with-body"),
    Difference("stdout", r'\["\\r"\]', r'\[""\]', "curl 7.88 takes the end of the line for a value", "header_json"),
    Difference("-w", "tells something", "tells nothing", "what -w says is for the standard error that was asked for",
               "--stderr"),
    Difference("file errors|stdout", r"\Z", ".*", "and goes there", "--stderr (errors|-) "),
    Difference("stderr", "(?m:^)Throwing", "Warning: Throwing", "a warning looks like one"),

    # files that cannot be written
    Difference("stderr", r"curl: Remote file name has no length!\n.*\Z", r"curl: \(23\) Remote file name has no length!",
               "said once", NO_NAME),
    Difference("%{errormsg}", r"\A.*\Z", "Remote file name has no length!", "why", NO_NAME),
    Difference("%{url_effective}", r"\A\Z", "http://.*", "the URL was in order", NO_NAME),
    Difference("stderr", rf"(?:Warning: .*?)?curl: \(23\) {NOT_WRITTEN}", r"(Warning: .*)?curl: \(23\) Failed to .*",
               "which file, and why"),
    Difference("%{errormsg}", NOT_WRITTEN, "Failed to (open|write to) .*", "which file, and why"),
    Difference("stderr", r"\A\Z", r"curl: \(23\) Failed to open no/directory/heads: No such file or directory",
               "curl 7.88 ends with a segmentation fault", "-D no/directory"),
    Difference("exit", "-11", "23", "curl 7.88 ends with a segmentation fault", "-D no/directory"),

    # bad usage
    Difference("stderr", r"curl: Can't open 'missing'!\n.*\Z", r"curl: \(26\) Can't open 'missing'!", "said once",
               "-T missing"),
    Difference("stderr", r"Warning: Illegally formatted input field!\n", "", "what is wrong is said of the switch",
               "-F nonsense"),
    Difference("stderr", r"curl: You must select either .*?both\.\n", "", "what is wrong is said of the switch"),
    Difference("stderr", r"Warning: invalid number specified for rate\n", "", "what is wrong is said of the switch"),
    Difference("stderr", r"\ncurl: option -K: .*\Z", "", "said once", "-K missing"),
    Difference("stderr", r"Warning: Invalid character.*?uncertain\.", "Warning: -r: .*", "in words of its own"),
    Difference("stderr", r"Warning: Illegal date format.*?syntax\.", "Warning: -z: .*", "in words of its own"),
    Difference("stderr", " or 'curl --manual'", "", "the manual is a page of man"),
    Difference("stderr", "is badly used here", ".*", "how it is used well"),
    Difference(TOLD, "Failed to open/read local data from file/application", "(Failed to|Can't) open .*", "which one",
               "-[FT]"),
    Difference(TOLD, r"(?<=missing URL)(?=\n|\Z)", ": .*", "which one"),
    Difference(TOLD, " or disabled in libcurl", "", "the shorter message of curl 8"),
)
