#ifndef VIADUCT_CURL_TRANSFER_REQUEST_HPP
#define VIADUCT_CURL_TRANSFER_REQUEST_HPP

#include "command/request_settings.hpp"
#include "transfer/url.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct_curl {

struct operation;
struct target;

/// What one request sends, which a redirect may change.
struct request
{
    enum class content
    {
        none,
        data,
        form,
        upload
    };

    url to{};
    url first{};                // where it began
    std::string method = "GET"; // unless -X says otherwise
    content what = content::none;
    std::string data{};
    std::optional<std::string> source{}; // of an upload
    std::vector<std::string> headers{};
    std::optional<std::string> user{}; // unset: what the URL says
    std::optional<std::string> password{};
    std::optional<std::string> referer{};
    bool referer_follows = false;
    bool redirected = false;
};

/// Makes the first one for a URL of the command line, to which the switches may add a query or a file's name.
/** @throws failure with 1 for a scheme that is not allowed, with 3 for a query that fits into no URL, and
 * with 26 for a file that cannot be read. */
[[nodiscard]] request first_request(operation const& wanted, target const& which, url const& to);

/// Makes it the request that follows a redirect.
/**
 * As libcurl 7.88 does it: a POST becomes a GET where browsers do that, unless it is to be kept; so does all
 * but HEAD behind a 303. Credentials do not survive another port or scheme, unless all hosts are trusted.
 *
 * @param status That of the redirect. */
void redirect(request& what, redirect_settings const& how, long status, url next);

/// Whether credentials may be sent: to where the request began, or where all hosts are trusted.
[[nodiscard]] bool may_identify(request const& what, redirect_settings const& how);

/// Whether -H says something of this field.
[[nodiscard]] bool has_header(request const& what, std::string_view name);

/// The lines of -H that are sent: without those that are for the origin where it began, once it has left it.
[[nodiscard]] std::vector<std::string> sent_headers(request const& what, redirect_settings const& how);

} // namespace viaduct_curl

#endif
