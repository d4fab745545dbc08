#ifndef VIADUCT_CURL_COMMAND_COMMAND_LINE_HPP
#define VIADUCT_CURL_COMMAND_COMMAND_LINE_HPP

#include "command/passed_options.hpp"
#include "command/request_settings.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_curl {

/// Which way is taken, and what is said on it.
struct way_settings
{
    std::vector<std::string> proxies{};    // none: the environment's; an empty one: no proxy
    std::optional<std::string> preproxy{}; // in front of each of them
    std::optional<std::string> no_proxy{}; // unset: the environment's
    std::vector<std::string> proxy_headers{};
    std::vector<std::string> connect_to{}; // HOST1:PORT1:HOST2:PORT2
    std::vector<std::string> resolve{};    // [+]HOST:PORT:ADDRESS[,ADDRESS]...
    std::optional<std::string> interface {};
    std::optional<std::string> haproxy_client{};
    int family = 0; // 4 or 6: no addresses of the other one
    bool tunnel = false;
    bool http_1_0 = false;
    bool haproxy_protocol = false;
    int refused_exit = 7;                      // of a CONNECT that was refused
    std::chrono::milliseconds head_start{200}; // of one address family before the other
    bool no_delay = true;
    bool keep_alive = true;
    std::optional<int> keep_alive_time{}; // seconds
};

/// Who asks the proxy, and how both know each other.
struct proxy_identity_settings
{
    std::optional<std::string> user{};
    std::optional<std::string> service{};
    bool basic = false; // the default all the same
    bool any = false;
    bool digest = false;
    bool negotiate = false;
    bool ntlm = false;
    std::optional<std::string> ca_file{};
    std::optional<std::string> ca_path{};
    std::optional<std::string> certificate{};
    std::optional<std::string> key{};
    std::optional<std::string> key_password{};
    std::optional<std::string> ciphers{};
    std::optional<std::string> cipher_suites{};
    bool insecure = false;
};

/// Trying again.
struct retry_settings
{
    long times = 0;
    std::optional<std::chrono::milliseconds> delay{}; // unset: 1 s, and twice that each time
    std::chrono::milliseconds max_time{0};
    bool if_refused = false;
    bool any_failure = false;
};

/// What becomes of the answers.
struct answer_settings
{
    std::optional<std::string> write_out{};
    std::optional<std::string> dump_header{};
    std::optional<std::string> etag_save{};
    std::optional<std::string> etag_compare{};
    std::optional<std::string> directory{}; // --output-dir
    bool create_directories = false;
    bool remote_name_all = false;
    bool header_name = false; // -J
    bool include = false;
    bool suppress_connect_headers = false;
    bool connect_body = false; // of a refusal
    bool fail = false;
    bool fail_with_body = false;
    bool silent = false;
    bool show_error = false;
    std::optional<bool> clobber{}; // unset: files are replaced, but not by a name of -J
    bool remove_on_error = false;
    bool remote_time = false;
    bool append = false;                       // -C: to what is there
    bool continue_at_end = false;              // -C -
    std::optional<std::int64_t> continue_at{}; // -C offset
    bool json = false;                         // our own: one object a transfer
};

/// A URL with its switches: the nth -o belongs to the nth URL, as do -O and -T.
struct target
{
    std::optional<std::string> url{};
    std::optional<std::string> output{}; // -o
    std::optional<std::string> upload{}; // -T; `-` and `.` are the standard input
    bool remote_name = false;            // -O
};

/// What stands between two --next.
struct operation
{
    way_settings way{};
    proxy_identity_settings identity{};
    request_settings request{};
    redirect_settings redirect{};
    retry_settings retry{};
    answer_settings answer{};
    std::vector<target> targets{};
    passed_options passed{};
    passed_options direct{}; // the same, for what libcurl connects itself
    bool glob = true;
    std::chrono::milliseconds max_time{0};
    std::chrono::milliseconds connect_timeout{0}; // zero: 5 minutes
};

/// How much is told on the way.
struct telling_settings
{
    bool verbose = false;
    std::optional<std::string> trace{}; // the file; `-` and `%` are the standard streams
    bool trace_ascii = false;           // without hexadecimal numbers
    bool trace_time = false;
    bool trace_ids = false;
    bool progress_bar = false; // -#
    bool no_meter = false;
    bool styled = true; // bold names of fields on a terminal
    std::optional<std::string> stderr_file{};
};

/// What is done at all.
enum class task
{
    transfer,
    help,
    version,
    stdio,           // the standard streams through a tunnel
    forward,         // a local port through tunnels
    explain_noproxy, // whether a host is reached without a proxy, and why
    check_proxy
};

/// What the user wants.
struct command_line
{
    std::vector<operation> operations{1};
    telling_settings telling{};
    task what = task::transfer;
    std::string help_topic{};
    std::vector<std::string> forwards{}; // LOCALPORT:HOST:PORT
    std::vector<std::string> explained{};
    std::string checked{}; // a proxy's URL
    std::optional<std::string> check_target{};
    std::chrono::milliseconds check_time = std::chrono::seconds{12};
    bool fail_early = false;
};

/// Reads the words behind the program's name, and the configuration files that they name.
/**
 * Blanks out passwords among the words, as curl does: whoever may list processes can read them.
 *
 * @throws failure with exit code 2 and a message that names the option and what to do; with 26 if a file that
 * it names cannot be read.
 */
[[nodiscard]] command_line parse_command_line(int argc, char** argv);

/// Whether transfers can be made of it; asked only when its turn comes, as in curl.
/** @throws failure with exit code 2 without a URL, or for two methods at once: then a warning has said so. */
void check_operation(operation const& one);

} // namespace viaduct_curl

#endif
