#ifndef VIADUCT_CURL_TRANSFER_URL_HPP
#define VIADUCT_CURL_TRANSFER_URL_HPP

#include "command/request_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace viaduct_curl {

/// A URL in libcurl's reading, so that the tunnel leads where libcurl thinks it does.
struct url
{
    std::string text{};   // normalised
    std::string bare{};   // the same without credentials and fragment
    std::string scheme{}; // http or https
    std::string host{};   // in ASCII; an IPv6 address in brackets
    std::uint16_t port = 0;
    std::string file{}; // the path's last segment
    std::optional<std::string> user{};
    std::optional<std::string> password{};

    [[nodiscard]] bool is_https() const { return scheme == "https"; }

    [[nodiscard]] bool same_origin(url const& other) const
    {
        return scheme == other.scheme && host == other.host && port == other.port;
    }
};

/// Reads what the user or a Location field gives; without a scheme it is the default one.
/** @throws failure with curl's codes: 3 malformed, 1 another scheme than those that may be used. */
[[nodiscard]] url parse_url(std::string text, request_settings const& how = {});

/// Adds the name of a file to a URL that ends with a slash.
[[nodiscard]] url with_file_name(url const& to, std::string const& path);

/// Adds to what a URL asks for, with an ampersand between both.
[[nodiscard]] url with_query(url const& to, std::string const& query);

/// What may be shown of a URL, or of a proxy, that is not understood: all but what ends with its last `@`.
[[nodiscard]] std::string without_credentials(std::string const& text);

} // namespace viaduct_curl

#endif
