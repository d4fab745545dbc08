#include "head_vectors.hpp"
#include "target_vectors.hpp"
#include "vector.hpp"

// A name below .invalid is never found (RFC 6761), so nobody else hears of what is tried with it.

namespace viaduct_curl::check {
namespace {

using namespace std::string_view_literals;
using enum question;

constexpr probe_vector controls[] = {
    {.id = "control", .tried = "a well-formed CONNECT", .asked = control},
    {.id = "anonymous", .tried = "the same without credentials", .anonymous = true, .watches = true},
};

constexpr probe_vector refusals[] = {
    {.id = "early-get",
     .tried = "a GET behind a refused CONNECT",
     .asked = behind_refusal,
     .target = "{nowhere}:25",
     .behind = "GET / HTTP/1.1\r\nHost: {nowhere}\r\n\r\n",
     .watches = true},
    {.id = "early-connect",
     .tried = "a second CONNECT behind it",
     .asked = behind_refusal,
     .target = "{nowhere}:25",
     .behind = "CONNECT {nowhere}:22 HTTP/1.1\r\nHost: {nowhere}:22\r\n{who}\r\n",
     .watches = true},
    {.id = "early-malformed",
     .tried = "a GET behind a malformed CONNECT",
     .asked = behind_refusal,
     .target = "{nowhere}:0",
     .behind = "GET / HTTP/1.1\r\nHost: {nowhere}\r\n\r\n",
     .watches = true},
    {.id = "early-407",
     .tried = "a GET behind a CONNECT without credentials",
     .asked = behind_refusal,
     .target = "{nowhere}:443",
     .behind = "GET / HTTP/1.1\r\nHost: {nowhere}\r\n\r\n",
     .anonymous = true,
     .watches = true},
};

constexpr probe_vector answers[] = {
    {.id = "407-challenge",
     .tried = "a 407 with a challenge",
     .asked = challenge,
     .rfc = "must be there (9110 15.5.8)",
     .risk = "a client cannot know how to go on",
     .look_at = "anonymous"},
    {.id = "407-framing",
     .tried = "a 407 whose end can be seen",
     .asked = frames_407,
     .rfc = "9112 6.3",
     .risk = "a client waits for more, or takes content for the next answer",
     .look_at = "anonymous"},
    {.id = "407-closes",
     .tried = "the connection behind a 407",
     .asked = closes_407,
     .rfc = "must be closed for clients that may send early (9931)",
     .risk = "what such a client sends for its target is read as a request",
     .look_at = "anonymous"},
    {.id = "clear-password",
     .tried = "Basic without TLS",
     .asked = clear_password,
     .rfc = "not by itself safe (7617 4)",
     .risk = "everybody on the way reads the password",
     .look_at = "anonymous"},
    {.id = "2xx-framing",
     .tried = "a 2xx without framing",
     .asked = tunnel_framing,
     .rfc = "must not have Content-Length or Transfer-Encoding (9110 9.3.6)",
     .risk = "a client that believes them loses the target's first octets",
     .look_at = "control"},
    {.id = "leaks",
     .tried = "names in the answer",
     .asked = leaks,
     .rfc = "a version too many helps others (9110 10.2.4)",
     .risk = "tells everybody which weaknesses to look for",
     .look_at = "control"},
    {.id = "leaks-refusal",
     .tried = "names in a refusal",
     .asked = leaks,
     .rfc = "a version too many helps others (9110 10.2.4)",
     .risk = "tells everybody which weaknesses to look for",
     .look_at = "target-empty"},
    {.id = "fin",
     .tried = "a client that ends behind its request",
     .asked = answered_at_end,
     .rfc = "who has ended may still receive (9293 3.6)",
     .risk = "such clients never learn what became of it",
     .ends = true},
};

constexpr std::string_view hello = "GET / HTTP/1.1\r\nHost: {target}\r\nConnection: close\r\n\r\n";

constexpr probe_vector tunnels[] = {
    {.id = "talk",
     .tried = "a GET through the tunnel",
     .asked = talk,
     .inside = hello,
     .watches = true,
     .needs_target = true},
    {.id = "early-data",
     .tried = "the same in the segment of the CONNECT",
     .asked = passed_early,
     .behind = hello,
     .rfc = "belongs to the tunnel, once it is there (9110 9.3.6)",
     .risk = "clients that do not wait lose their first octets",
     .watches = true,
     .needs_target = true},
    {.id = "half-close",
     .tried = "the same, and then the client's end",
     .asked = half_close,
     .inside = hello,
     .rfc = "one end may end both (9110 9.3.6)",
     .risk = "answers to those who say that they are done are lost",
     .ends = true,
     .watches = true,
     .needs_target = true},
};

constexpr probe_vector slow_heads[] = {
    {.id = "slow-nothing", .tried = "nothing is sent", .asked = slow, .whole = "{nothing}"},
    {.id = "slow-half",
     .tried = "half a head, then nothing",
     .asked = slow,
     .whole = "CONNECT {target} HTTP/1.1\r\nHost: local"},
    {.id = "slow-trickle",
     .tried = "one octet a second",
     .asked = slow,
     .whole = "CONNECT {target} HTTP/1.1\r\nX-Check: {64k}",
     .trickles = true},
};

constexpr vector_group groups[] = {
    {"Controls", "", "", controls},
    {"Malformed targets", "must be refused, typically by 400 (9110 9.3.6, 9112 3.2.3)",
     "what reads a target leniently reaches what stricter rules have denied", targets},
    {"Targets that point inwards", "restrict to safe targets (9110 9.3.6)",
     "whoever may use the proxy reaches services that trust its machine or its network", inwards},
    {"Ports", "ought to be restricted (9110 9.3.6)", "others are attacked, or sent mail, in the proxy's name",
     ports},
    {"Behind a refusal", "close without reading on (9931)",
     "what a client was tricked into sending early is processed as its own request", refusals},
    {"Content of a CONNECT", "a CONNECT has none (9110 9.3.6)",
     "two on the way disagree on where the request ends: requests are smuggled", framings},
    {"Heads", "", "two on the way disagree on what was asked: rules are passed by", heads},
    {"Answers", "", "", answers},
    {"Inside the tunnel", "", "", tunnels},
    {"Slow heads", "ought to end in 408, or closed (9110 15.5.9)",
     "few clients that never finish hold all of the proxy's places", slow_heads},
};

} // namespace

std::span<vector_group const> all_vectors() noexcept
{
    return groups;
}

} // namespace viaduct_curl::check
