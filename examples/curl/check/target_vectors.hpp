#ifndef VIADUCT_CURL_CHECK_TARGET_VECTORS_HPP
#define VIADUCT_CURL_CHECK_TARGET_VECTORS_HPP

#include "vector.hpp"

/// What a CONNECT asks for that it should not get.
namespace viaduct_curl::check {

using enum question;

/// The addresses are nobody's (RFC 3849), should they be taken for such.
inline constexpr probe_vector targets[] = {
    {.id = "target-no-port", .tried = "no port", .asked = target, .target = "{host}"},
    {.id = "target-empty-port", .tried = "an empty port", .asked = target, .target = "{host}:"},
    {.id = "target-port-0", .tried = "port 0", .asked = target, .target = "{host}:0"},
    {.id = "target-leading-zeros",
     .tried = "a port with leading zeros",
     .asked = better_refuse,
     .target = "{host}:00{port}",
     .rfc = "digits are all that is asked for (3986 3.2.3)",
     .risk = "a rule that compares text, and one that compares numbers, see two ports"},
    {.id = "target-port-above", .tried = "the port plus 65536", .asked = target, .target = "{host}:{over}"},
    {.id = "target-port-garbage",
     .tried = "garbage behind the port",
     .asked = target,
     .target = "{host}:{port}x"},
    {.id = "target-port-sign",
     .tried = "a sign before the port",
     .asked = target,
     .target = "{host}:+{port}"},
    {.id = "target-path", .tried = "a slash behind the port", .asked = target, .target = "{host}:{port}/"},
    {.id = "target-userinfo",
     .tried = "a user before the host",
     .asked = target,
     .target = "user@{host}:{port}"},
    {.id = "target-absolute", .tried = "an http URL", .asked = target, .target = "http://{host}:{port}"},
    {.id = "target-empty", .tried = "no target at all", .asked = target, .target = ""},
    {.id = "target-asterisk", .tried = "an asterisk", .asked = target, .target = "*"},
    {.id = "target-brackets",
     .tried = "brackets around a name",
     .asked = target,
     .target = "[{name}]:{port}"},
    {.id = "target-open-bracket",
     .tried = "a bracket that stays open",
     .asked = target,
     .target = "[2001:db8::1:{port}"},
    {.id = "target-zone",
     .tried = "an address with a zone",
     .asked = target,
     .target = "[2001:db8::1%25eth0]:{port}"},
    {.id = "target-ipvfuture",
     .tried = "an address of the future",
     .asked = target,
     .target = "[v1.x]:{port}"},
    {.id = "target-space", .tried = "a space", .asked = target, .target = "{host} :{port}"},
    {.id = "target-tab", .tried = "a tab", .asked = target, .target = "{host}\t:{port}"},
    {.id = "target-nul", .tried = "a NUL", .asked = target, .target = {"{host}\0:{port}", 14}},
    {.id = "target-cr", .tried = "a CR", .asked = target, .target = "{host}\r:{port}"},
};

/// At a port where hardly anybody listens. If the proxy refuses that one anyway, no more is learned.
inline constexpr probe_vector inwards[] = {
    {.id = "inward-control", .tried = "a name that is not found", .asked = told, .target = "{nowhere}:9"},
    {.id = "inward-127.0.0.1", .tried = "127.0.0.1", .asked = inward, .target = "127.0.0.1:9"},
    {.id = "inward-::1", .tried = "[::1]", .asked = inward, .target = "[::1]:9"},
    {.id = "inward-0.0.0.0", .tried = "0.0.0.0", .asked = inward, .target = "0.0.0.0:9"},
    {.id = "inward-mapped", .tried = "[::ffff:127.0.0.1]", .asked = inward, .target = "[::ffff:127.0.0.1]:9"},
    {.id = "inward-metadata",
     .tried = "169.254.169.254",
     .asked = inward,
     .target = "169.254.169.254:9",
     .risk = "in a cloud, the service behind it hands out the machine's own keys"},
    {.id = "inward-decimal", .tried = "2130706433", .asked = inward_spelling, .target = "2130706433:9"},
    {.id = "inward-hex", .tried = "0x7f.1", .asked = inward_spelling, .target = "0x7f.1:9"},
    {.id = "inward-proxy",
     .tried = "the proxy itself",
     .asked = loop,
     .target = "{proxy}",
     .risk = "a request that comes from the proxy itself may pass rules on who asks, and a loop eats "
             "connections"},
};

/// At an address that nobody has (RFC 5737): a proxy may look for a name before it looks at the port.
inline constexpr probe_vector ports[] = {
    {.id = "port-443", .tried = "port 443 (https)", .asked = told, .target = "{nobody}:443"},
    {.id = "port-9", .tried = "port 9 (discard)", .asked = other_port, .target = "{nobody}:9"},
    {.id = "port-25", .tried = "port 25 (mail)", .asked = bad_port, .target = "{nobody}:25"},
    {.id = "port-22", .tried = "port 22 (ssh)", .asked = other_port, .target = "{nobody}:22"},
    {.id = "port-80",
     .tried = "port 80 (http)",
     .asked = other_port,
     .target = "{nobody}:80",
     .risk = "what goes through a tunnel to port 80 passes by rules, logs and caches for http"},
};

} // namespace viaduct_curl::check

#endif
