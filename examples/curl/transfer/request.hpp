#ifndef VIADUCT_CURL_TRANSFER_REQUEST_HPP
#define VIADUCT_CURL_TRANSFER_REQUEST_HPP

#include "command/command_line.hpp"
#include "transfer/url.hpp"

#include <optional>
#include <string>
#include <vector>

namespace viaduct_curl {

/// What one request sends, which a redirect may change.
struct request
{
    url to{};
    std::string method = "GET"; // unless -X says otherwise
    std::optional<std::string> body{};
    std::vector<std::string> headers{};
    std::optional<std::string> user{};
    std::optional<std::string> password{};
};

[[nodiscard]] request first_request(operation const& wanted, url const& to);

/// Makes it the request that follows a redirect.
/**
 * As in libcurl: a POST becomes a GET where browsers do that, unless it is to be kept, and what was for the
 * old origin stays there, unless all hosts are trusted.
 *
 * @param status That of the redirect. */
void redirect(request& what, redirect_settings const& how, long status, url next);

} // namespace viaduct_curl

#endif
