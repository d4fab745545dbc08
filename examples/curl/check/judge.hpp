#ifndef VIADUCT_CURL_CHECK_JUDGE_HPP
#define VIADUCT_CURL_CHECK_JUDGE_HPP

#include "observation.hpp"
#include "vector.hpp"

#include <string>
#include <string_view>

namespace viaduct_curl::check {

/// What an observation is worth.
enum class verdict : unsigned char
{
    ok,     ///< As the RFCs have it, and nothing to think about.
    note,   ///< Permitted, or harmless by itself; good to know.
    risk,   ///< Against an RFC's demand, or an open door.
    untold, ///< Not tried, or no telling.
};

[[nodiscard]] std::string_view name_of(verdict v) noexcept;

/// What is said of one vector. Printable ASCII only.
struct finding
{
    verdict worth = verdict::untold;
    std::string did{}; ///< What the proxy did.
    std::string why{}; ///< Why that matters, beyond what the vector says itself; may be empty.
};

/// What a vector is held against. Everything must outlive the call.
struct comparison
{
    observation const& control; ///< Of a well-formed request.
    observation const& talk;    ///< Of a request inside a tunnel; untried without target.

    // The port of inward targets elsewhere: if it is refused there, it says nothing that it is here.
    observation const& name_at_port;   ///< With a name that is not found.
    observation const& nobody_at_port; ///< With an address that nobody has.
    observation const& nobody_at_443;  ///< With that address, and a port that is hardly ever refused.

    bool encrypted = false; ///< The connection to the proxy has TLS.
};

/// Judges what was seen. No I/O.
[[nodiscard]] finding judge(probe_vector const& what, observation const& seen, comparison const& beside);

/// What was seen, in a few words: `403 Forbidden, then closed`. Printable ASCII only.
[[nodiscard]] std::string describe(observation const& seen);

/// Untrusted text, made safe for a terminal and cut off where it is too long.
[[nodiscard]] std::string shown(std::string_view untrusted);

} // namespace viaduct_curl::check

#endif
