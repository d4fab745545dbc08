#ifndef VIADUCT_CURL_TELL_REPORT_HPP
#define VIADUCT_CURL_TELL_REPORT_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace viaduct_curl {

/// One thing that was tried on the way to a tunnel.
struct attempt_report
{
    std::string phase{};                // resolve, connect, secure, handshake
    std::string hop{};                  // the proxy, without credentials; or direct
    std::string address{};              // in phase connect
    std::string error{};                // empty: it worked
    std::string scheme{};               // of the credentials that a CONNECT carried
    unsigned status = 0;                // of the answer to a CONNECT
    std::chrono::duration<double> at{}; // its end, from the start of the URL's transfer
};

/// How it went: what the variables of -w stand for, and --json-report tells.
struct report
{
    using duration = std::chrono::duration<double>;
    using field = std::pair<std::string, std::string>;

    int exit_code = 0;
    std::string error{}; // empty with an exit code: nothing needs to be said
    bool connection_refused = false;
    long number = 0; // of the URL, from 0
    long retries = 0;
    std::string url{};
    std::string effective_url{};
    std::string redirect_url{};
    std::string referer{};
    std::string scheme{};
    std::string method = "GET"; // which is what libcurl would begin with
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
    long headers = 0;            // field lines of the last head
    std::vector<field> fields{}; // of the origin's last head
    std::chrono::seconds retry_after{0};
    std::optional<std::int64_t> file_time{}; // when the server's copy was changed
    bool condition_unmet = false;            // -z: so nothing came
    long verify_result = 0;
    std::vector<std::vector<std::string>> certificates{}; // the origin's, each as lines `Name:value`

    bool proxy_used = false;
    std::vector<std::string> route{};       // the proxies of the way taken, and then the origin
    std::vector<attempt_report> attempts{}; // over all connections
    long proxy_attempts = 0;                // CONNECT requests, over all connections
    std::string proxy_auth{};               // the scheme of the last one's credentials
    std::string connect_reason{};           // what the proxy says beside its status
    std::vector<field> connect_fields{};    // of its answer
    std::string refusal_body{};             // bounded
    long proxy_verify_result = 0;
    std::string proxy_tls{}; // protocol and cipher

    std::int64_t downloaded = 0;
    std::int64_t uploaded = 0;
    std::int64_t header_size = 0;
    std::int64_t request_size = 0;
    std::int64_t download_speed = 0; // octets a second
    std::int64_t upload_speed = 0;

    // Each is the sum over all requests, if there were redirects, of the time from a request's start: so does
    // libcurl. `redirect` and `total` count from the start of everything.
    duration name_lookup{};
    duration connect{};       // TCP: to the proxy where there is one
    duration proxy_connect{}; // TLS to the proxy
    duration tunnel{};        // the proxy's 2xx
    duration app_connect{};   // TLS to the origin
    duration pre_transfer{};
    duration start_transfer{};
    duration redirect{};
    duration total{};
};

} // namespace viaduct_curl

#endif
