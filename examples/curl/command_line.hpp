#ifndef VIADUCT_CURL_COMMAND_LINE_HPP
#define VIADUCT_CURL_COMMAND_LINE_HPP

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_curl {

/// What the user wants.
struct command_line
{
    std::string url{};

    // The way.
    std::vector<std::string> proxies{};    // none: the environment's; an empty one: no proxy
    std::optional<std::string> preproxy{}; // in front of each of them
    std::optional<std::string> no_proxy{}; // unset: the environment's
    std::vector<std::string> proxy_headers{};
    bool tunnel = false;
    bool proxy_http_1_0 = false;
    bool haproxy_protocol = false;
    std::optional<std::string> haproxy_client{};

    // Who asks the proxy, and how it is known.
    std::optional<std::string> proxy_user{};
    std::optional<std::string> proxy_service{};
    bool proxy_basic = false; // the default all the same
    bool proxy_any_auth = false;
    bool proxy_digest = false;
    bool proxy_negotiate = false;
    bool proxy_ntlm = false;
    std::optional<std::string> proxy_ca_file{};
    std::optional<std::string> proxy_ca_path{};
    std::optional<std::string> proxy_certificate{};
    std::optional<std::string> proxy_key{};
    std::optional<std::string> proxy_key_password{};
    std::optional<std::string> proxy_ciphers{};
    std::optional<std::string> proxy_cipher_suites{};
    bool proxy_insecure = false;

    int refused_exit = 7; // of a CONNECT that was refused
    std::chrono::milliseconds max_time{0};
    std::chrono::milliseconds connect_timeout = std::chrono::minutes{5};

    // The request.
    std::optional<std::string> method{};
    std::optional<std::string> body{};
    std::optional<std::string> user{};
    std::optional<std::string> user_agent{};
    std::optional<std::string> ca_file{};
    std::vector<std::string> headers{};
    bool head = false;
    bool insecure = false;
    bool location = false;

    // What becomes of the answer.
    std::optional<std::string> output{};
    std::optional<std::string> write_out{};
    bool remote_name = false;
    bool include = false;
    bool suppress_connect_headers = false;
    bool fail = false;
    bool verbose = false;
    bool silent = false;
    bool show_error = false;
};

/// Reads the command line.
/**
 * @return Nothing if the user only asked for help or the version, which have been printed.
 * @throws failure with exit code 2 and a message that names the option; with 26 if a file that it names
 * cannot be read.
 */
[[nodiscard]] std::optional<command_line> parse_command_line(int argc, char const* const* argv);

} // namespace viaduct_curl

#endif
