#ifndef VIADUCT_CURL_TRANSFER_INTERRUPTION_HPP
#define VIADUCT_CURL_TRANSFER_INTERRUPTION_HPP

#include <cstdint>
#include <string>

/// A file that is being written, for the case that the user ends the program: a signal waits for nobody.
namespace viaduct_curl::interruption {

/// From now on SIGINT and SIGTERM name the half-written file on the standard error, or remove it, and then
/// end the program as they always do. One that was ignored stays ignored.
void watch() noexcept;

/// @param remove Whether it is to be removed; a name that is too long for the kernel is not.
void begin(std::string const& name, bool remove) noexcept;

/// So many octets are in it.
void hold(std::int64_t octets) noexcept;

/// It is complete, or a failure has been told already.
void end() noexcept;

} // namespace viaduct_curl::interruption

#endif
