#ifndef VIADUCT_CURL_TRANSFER_RETRY_HPP
#define VIADUCT_CURL_TRANSFER_RETRY_HPP

#include "command/command_line.hpp"
#include "tell/report.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace viaduct_curl {

/// What --retry makes of an attempt that is over.
struct next_attempt
{
    std::optional<std::chrono::milliseconds> delay{}; // until the next one, if there is one
    std::string warning{};                            // what is to be said about it
};

/// Whether and when a request is made again, by curl's rules. A refused CONNECT is nothing that passes.
class retries
{
public:
    using milliseconds = std::chrono::milliseconds;

    /// @param how Must outlive it.
    explicit retries(retry_settings const& how);

    /// @param elapsed Since the first attempt began.
    [[nodiscard]] next_attempt after(report const& outcome, milliseconds elapsed);

    /// How many there have been.
    [[nodiscard]] long made() const noexcept { return made_; }

private:
    retry_settings const& how_;
    milliseconds delay_; // unless the server names one
    long made_ = 0;
};

} // namespace viaduct_curl

#endif
