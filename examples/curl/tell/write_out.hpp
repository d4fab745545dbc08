#ifndef VIADUCT_CURL_TELL_WRITE_OUT_HPP
#define VIADUCT_CURL_TELL_WRITE_OUT_HPP

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// How it went: what the variables of -w stand for.
struct report
{
    using duration = std::chrono::duration<double>;

    int exit_code = 0;
    std::string error{}; // empty with an exit code: nothing needs to be said
    std::string url{};
    std::string effective_url{};
    std::string redirect_url{};
    std::string scheme{};
    std::string method{};
    std::string content_type{};
    std::string http_version = "0";
    std::string file_name{};
    std::string remote_ip{};
    std::string local_ip{};
    long remote_port = 0;
    long local_port = 0;
    long status = 0;
    long connect_status = 0;
    long connects = 0;
    long redirects = 0;
    long headers = 0;
    long verify_result = 0;
    long proxy_verify_result = 0;
    long proxy_attempts = 0;  // CONNECT requests, over all connections
    std::string proxy_auth{}; // the scheme of the last one's credentials
    bool proxy_used = false;
    std::int64_t downloaded = 0;
    std::int64_t uploaded = 0;
    std::int64_t header_size = 0;
    std::int64_t request_size = 0;
    duration name_lookup{};   // all from the start of everything, as curl counts
    duration connect{};       // TCP: to the proxy where there is one
    duration proxy_connect{}; // TLS to the proxy
    duration tunnel{};        // the proxy's 2xx
    duration app_connect{};   // TLS to the origin
    duration pre_transfer{};
    duration start_transfer{};
    duration redirect{};
    duration total{};
};

/// What -w prints, and where each piece goes.
struct written
{
    std::string to_stdout{};
    std::string to_stderr{};
    std::string unknown{}; // messages about variables that do not exist
};

/// Fills in a format of -w.
[[nodiscard]] written write_out(std::string_view format, report const& what);

} // namespace viaduct_curl

#endif
