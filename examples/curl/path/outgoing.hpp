#ifndef VIADUCT_CURL_PATH_OUTGOING_HPP
#define VIADUCT_CURL_PATH_OUTGOING_HPP

#include <viaduct/net/outgoing_socket.hpp>

#include <string>

namespace viaduct_curl {

/// What --interface names: an address of ours, an interface with its addresses, or a host that is this one;
/// `if!` and `host!` in front say which.
/** @throws failure with 45 for anything else. */
[[nodiscard]] viaduct::outgoing_socket find_outgoing(std::string const& text);

} // namespace viaduct_curl

#endif
