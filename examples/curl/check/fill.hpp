#ifndef VIADUCT_CURL_CHECK_FILL_HPP
#define VIADUCT_CURL_CHECK_FILL_HPP

#include "vector.hpp"
#include <viaduct/http/authority.hpp>

#include <string>

namespace viaduct_curl::check {

/// What the vectors' templates stand for.
struct place
{
    viaduct::authority target;
    std::string proxy{};         ///< Its own `host:port`.
    std::string authorization{}; ///< The value of Proxy-Authorization; empty without. A secret.
};

/// The octets of a vector.
struct sending
{
    std::string first{};  ///< Sent at once.
    std::string inside{}; ///< Sent when the tunnel is there.
};

[[nodiscard]] sending fill(probe_vector const& what, place const& where);

/// What takes the place of a target where none is given: a name that is never found.
[[nodiscard]] viaduct::authority no_target();

} // namespace viaduct_curl::check

#endif
