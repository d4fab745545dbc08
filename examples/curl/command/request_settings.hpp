#ifndef VIADUCT_CURL_COMMAND_REQUEST_SETTINGS_HPP
#define VIADUCT_CURL_COMMAND_REQUEST_SETTINGS_HPP

#include <optional>
#include <string>
#include <vector>

namespace viaduct_curl {

/// One part of a form, or where a part that consists of parts begins and ends.
struct form_piece
{
    enum class kind
    {
        text,
        file,    // with its name
        content, // of a file, which is not named
        begin,
        end
    };

    kind what = kind::text;
    std::string name{};  // empty: it has none
    std::string value{}; // the text, or the path of the file
    std::optional<std::string> file_name{};
    std::optional<std::string> type{};
    std::optional<std::string> encoder{};
    std::vector<std::string> headers{};
};

/// What is asked of the origin, as far as it is more than an option of libcurl's.
struct request_settings
{
    std::optional<std::string> method{};
    std::optional<std::string> user{};
    std::optional<std::string> user_agent{};
    std::optional<std::string> referer{};
    std::vector<std::string> headers{};
    std::optional<std::string> body{};  // of -d and its relatives
    std::optional<std::string> query{}; // --url-query
    std::vector<form_piece> form{};
    bool json = false;                       // --json: fields for it, unless -H says otherwise
    bool body_in_query = false;              // -G
    bool head = false;                       // -I
    bool referer_follows = false;            // ";auto"
    std::vector<std::string> cookies{};      // -b name=value
    std::vector<std::string> cookie_files{}; // -b file
    std::optional<std::string> cookie_jar{};
    std::string schemes = "http,https"; // --proto
    std::string default_scheme = "http";
    bool path_as_is = false;

    /// Whether cookies are learned from answers, and sent.
    [[nodiscard]] bool keeps_cookies() const { return cookie_jar || !cookie_files.empty(); }
};

/// Redirects.
struct redirect_settings
{
    bool follow = false;
    long max = 50;        // negative: no limit
    bool trusted = false; // credentials go along to other hosts
    bool keep_post_301 = false;
    bool keep_post_302 = false;
    bool keep_post_303 = false;
    bool to_http = true; // --proto-redir
    bool to_https = true;
};

} // namespace viaduct_curl

#endif
