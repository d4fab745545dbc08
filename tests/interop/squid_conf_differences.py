"""What viaduct-proxy does otherwise than Squid 5.7 with the same squid.conf, and why."""

import re
from typing import NamedTuple


class Difference(NamedTuple):
    names: str  # of what is compared, divided by commas; if there are none, nothing is but our status
    theirs: str  # a pattern of what Squid says or does
    ours: str
    why: str
    where: str = ""  # a pattern of scenes and requests: 'SCENE: NUMBER'
    always: bool = True  # whether it shows in every run

    def is_whole(self, where):
        return not self.names and bool(re.search(self.where, where))

    def fits(self, where, name, theirs, ours):
        return (name in self.names.split(",") and bool(re.search(self.where, where))
                and all(re.fullmatch(pattern, value, re.DOTALL)
                        for pattern, value in ((self.theirs, theirs), (self.ours, ours))))


DIFFERENT = (
    # answers
    Difference("stays", "yes", "no", "a refusal of a CONNECT is followed by a close (RFC 9931)"),
    Difference("octets", r"[\d, ]+", r"[\d, ]+", "other pages; Squid counts none of a failed tunnel"),
    Difference("type", "(text/html|-)(, (text/html|-))*", "text/plain(, (text/plain|-))*", "other pages"),
    Difference("status,logged", "500|503", "502|503|504", "RFC 9110: the next server was not reached, or not in time"),
    Difference("tag", "NONE_NONE", "TCP_TUNNEL", "as Squid 6 says of whatever was tried"),
    Difference("status,logged", "403", "501", "no method but CONNECT is served, whatever rules say",
               "^method|^CONNECT"),
    Difference("", "", "403", "clients of tunnels show no pages, and follow no redirection", "^deny_info"),
    Difference("challenge", ".*Digest.*", ".*Digest.*algorithm=MD5.*", "RFC 7616 tells of the algorithm"),
    Difference("", "", "408", "a client that is too slow is told so", "^request_timeout|^request_start"),
    Difference("status", "none", "none, ConnectionResetError", "octets that nobody wants are not read",
               "proxy-header", False),

    # targets
    Difference("", "", "400", "a target has a port (RFC 9110)", "^the scene: 12$"),
    Difference("", "", "403", "nothing is looked up backwards", "^dstdomain(, the name of an address| none): 0"),

    # who is asking
    Difference("user", r"(-, )?\w+", "(-, )?-", "a name that nobody has proved"),
    Difference("", "", "407", "a connection with a 407 is closed, unless its scheme needs it", "^407, and the same"),
    Difference("", "", r"\[200, 200, 403, 403\]", "as many as the directive says; Squid lets one more in",
               "^client_ip_max"),
    Difference("", "", "500", "a helper that is unwell knows nothing of a password", "^basic: 4"),

    # clocks
    Difference("act", "0 octets.*", "1000 octets.*", "what the origin says after a half-close is still brought",
               "^half_closed", False),
    Difference("act", "does not end", "ends in order", "an end of all tunnels is what the directive says",
               "^client_lifetime"),

    # the way out
    Difference("tunnel", ".*sees 91.*", ".*sees 172.30.109.201.*", "where a target is is known by then; in Squid not",
               "^tcp_outgoing_address by dst: 0"),

    # the file
    Difference("", "", "200|403", "the process has the number 0 in a Squid with -N, and 1 in others",
               "^if .{process_number}"),

    # parents
    Difference("body", ".*", "", "Squid tells of a parent's answer without its content"),
    Difference("", "", "403|502|503", "what a parent answers is the answer; Squid asks others",
               "^a parent that (refuses|is busy|cannot reach it), and (another|the direct)"),
    Difference("", "", "502", "a parent that closes without a word has established nothing",
               "^a parent that closes"),
    Difference("", "", "502", "a parent's challenge is not for our clients", "^a parent that wants"),
    Difference("parents,tunnel", ".*808[01].*", ".*808[01].*", "Squid begins with another one", "^round-robin"),
    Difference("parents,tunnel", ".*8081.*", ".*8080.*", "the last resort comes last, as its name says",
               "^default is the last"),
    Difference("hierarchy", "FIRSTUP_PARENT|ANY_OLD_PARENT", "DEFAULT_PARENT|ANY_OLD_PARENT|FIRSTUP_PARENT",
               "which of the ways to choose led there"),
    Difference("hierarchy,server", "HIER_NONE|-", r"FIRSTUP_PARENT|[\d.]+", "it was tried", "^a dead parent, and no"),
)
