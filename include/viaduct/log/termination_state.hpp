#ifndef VIADUCT_LOG_TERMINATION_STATE_HPP
#define VIADUCT_LOG_TERMINATION_STATE_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/tunnel_record.hpp>

#include <string_view>

namespace viaduct {

/// Who ended a request, and what was going on then: two letters, as in HAProxy's logs (its manual, 8.5).
/**
 * The first letter is a capital where a side, or we, did it, and a small one where a clock ran out that
 * waited for that side:
 *
 * | first | who | |
 * |---|---|---|
 * | `C` | the client | it broke off |
 * | `c` | a clock | that waited for the client |
 * | `S` | the target, a parent, the name service | broke off, or refused |
 * | `s` | a clock | that waited for them, or for a helper |
 * | `P` | we | a rule, a limit, an invalid request, a lifetime |
 * | `R` | we | for want of something: descriptors, memory, ports, a helper that works |
 * | `K` | we | were told to: a shutdown, the operator |
 *
 * | second | what was going on |
 * |---|---|
 * | `R` | the request was awaited, or refused for what it is |
 * | `Q` | it waited for its turn: rules, credentials, limits |
 * | `C` | the way to the target was looked for |
 * | `H` | the way was there, and the answer on its way to the client |
 * | `D` | the tunnel was open |
 * | `L` | one direction of it had ended already |
 *
 * Which together are:
 *
 * | state | |
 * |---|---|
 * | `--` | an orderly end; or no end yet |
 * | `CR` | the client went before its request was complete |
 * | `cR` | the request, its PROXY header or its TLS handshake was not complete in time |
 * | `PR` | no valid request (400); a rule, a guard or wrong credentials refuse it (403, 405, 407) |
 * | `CQ` | the client went while its request was judged |
 * | `sQ` | a helper, or who knows the credentials, did not answer in time |
 * | `PQ` | a limit: too many tunnels, too many requests, a quota (429, 503) |
 * | `RQ` | nobody could tell: a helper or a store does not work |
 * | `CC` | the client went before there was a way |
 * | `SC` | the name has no address, the target refused or cannot be reached, a parent said no |
 * | `sC` | a look-up, a connection or a parent's answer took too long |
 * | `RC` | no descriptor, port or memory for the connection |
 * | `PC`, `KC` | we gave it up; as part of a shutdown |
 * | `CH` | the client went before it had its 200 |
 * | `CD`, `SD` | the client, or the target, broke off the open tunnel |
 * | `cD`, `sD` | nothing came for too long; `s` if the target had never said anything, and the client had |
 * | `cL`, `sL` | the same after one direction had ended |
 * | `PD` | the longest permitted age, or a quota |
 * | `RD` | no memory for the open tunnel |
 * | `KD` | a shutdown did not wait for it any longer; the operator has ended it |
 *
 * A denial is `PR` whichever phase it came in, as HAProxy has it, whose readers count those.
 */
[[nodiscard]] VIADUCT_DECL std::string_view termination_state(tunnel_record const& record) noexcept;

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/termination_state.ipp>
#endif

#endif
