#include "command_line.hpp"

#include "failure.hpp"
#include "url.hpp"

#include <CLI/CLI.hpp>
#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

namespace viaduct_curl {
namespace {

[[noreturn]] void misuse(std::string const& text)
{
    throw failure{CURLE_FAILED_INIT, text + "\nviaduct-curl: try 'viaduct-curl --help' for more information"};
}

/// All of a file, or of the standard input for `-`.
[[nodiscard]] std::string read_all(std::string const& name)
{
    using octets = std::istreambuf_iterator<char>;
    if (name == "-") return {octets{std::cin}, octets{}};
    std::ifstream file{name, std::ios::binary};
    std::string content{octets{file}, octets{}};
    if (!file) throw failure{CURLE_READ_ERROR, "Failed to open " + name};
    return content;
}

/// The pieces of -d as one body; the line ends of files are left out, as curl does.
[[nodiscard]] std::optional<std::string> read_body(std::vector<std::string> const& pieces)
{
    if (pieces.empty()) return std::nullopt;
    std::string body;
    for (auto const& piece : pieces) {
        if (&piece != &pieces.front()) body += '&';
        auto text = piece.starts_with('@') ? read_all(piece.substr(1)) : piece;
        auto const is_dropped = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
        if (piece.starts_with('@'))
            text.erase(std::remove_if(text.begin(), text.end(), is_dropped), text.end());
        body += text;
    }
    return body;
}

[[nodiscard]] std::chrono::milliseconds read_seconds(char const* option, std::string const& text)
{
    double seconds = 0;
    if (!CLI::detail::lexical_cast(text, seconds) || !(seconds >= 0) || seconds > 1e9)
        misuse(fmt::format("option {}: expected a proper numerical parameter", option));
    auto const exact = std::chrono::duration<double>{seconds};
    auto const rounded = std::chrono::duration_cast<std::chrono::milliseconds>(exact);
    return seconds > 0 && rounded.count() == 0 ? std::chrono::milliseconds{1} : rounded;
}

/// Adds options in the ways that curl reads them: the last of several counts, and a value may look like
/// anything.
class option_adder
{
public:
    explicit option_adder(CLI::App& app) : app_{app} {}

    void flag(char const* names, bool& to, char const* text) { app_.add_flag(names, to, text); }

    template <class String>
    void value(char const* names, String& to, char const* text)
    {
        auto const take = [&to](CLI::results_t const& given) {
            to = given.back();
            return true;
        };
        app_.add_option(names, CLI::callback_t{take}, text)->take_last();
    }

    /// Takes the words as they are: CLI11's own lists would read `{}` and `[a,b]` as something else.
    void list(char const* names, std::vector<std::string>& to, char const* text)
    {
        auto const take = [&to](CLI::results_t const& given) {
            to = given;
            return true;
        };
        app_.add_option(names, CLI::callback_t{take}, text)
            ->expected(1, CLI::detail::expected_max_vector_size)
            ->take_all()
            ->allow_extra_args(false);
    }

private:
    CLI::App& app_;
};

/// What still has to be read before it is of use.
struct raw_values
{
    std::vector<std::string> data{};
    std::vector<std::string> old_proxies{};
    std::vector<std::string> socks{};
    std::vector<std::string> socks_names{};
    std::string max_time = "0";
    std::string connect_timeout = "300";
    std::string exit_compat = "7";
    bool version = false;
};

void add_way(option_adder add, command_line& to, raw_values& raw)
{
    add.list(
        "-x,--proxy", to.proxies,
        "[http|https|socks5|socks5h://][user:password@]host[:port]; \"\" for none; given again: the next "
        "one to try where one cannot be reached");
    add.value("--preproxy", to.preproxy, "A proxy in front of the proxy");
    add.list("--socks5", raw.socks, "A SOCKS5 proxy that is told addresses");
    add.list("--socks5-hostname", raw.socks_names, "A SOCKS5 proxy that is told names");
    add.flag("-p,--proxytunnel", to.tunnel, "Use CONNECT for http, too");
    add.list("--proxy1.0", raw.old_proxies, "A proxy that is spoken to in HTTP/1.0");
    add.list("--proxy-header", to.proxy_headers, "A field for the proxy");
    add.flag("--haproxy-protocol", to.haproxy_protocol, "Send the PROXY protocol's header first");
    add.value("--haproxy-clientip", to.haproxy_client, "The address in that header");
    add.value("--noproxy", to.no_proxy, "Hosts that are reached without the proxy");
    add.value("-m,--max-time", raw.max_time, "Seconds for everything");
    add.value("--connect-timeout", raw.connect_timeout, "Seconds until the tunnel is open");
    add.value("--exit-compat", raw.exit_compat,
              "56: exit with 56 where a CONNECT is refused, as curl did before 8.20");
}

void add_proxy_identity(option_adder add, command_line& to)
{
    add.value("-U,--proxy-user", to.proxy_user, "user:password for the proxy");

    add.flag("--proxy-basic", to.proxy_basic, "Basic, without waiting to be asked; the default");
    add.flag("--proxy-digest", to.proxy_digest, "Digest");
    add.flag("--proxy-ntlm", to.proxy_ntlm, "NTLM");
    add.flag("--proxy-negotiate", to.proxy_negotiate, "Negotiate, with the ticket that is there");
    add.flag("--proxy-anyauth", to.proxy_any_auth, "The strongest that the proxy offers");
    add.value("--proxy-service-name", to.proxy_service, "The Kerberos service of the proxy, instead of HTTP");
    add.value("--proxy-cacert", to.proxy_ca_file, "The certificates to check an https proxy with");
    add.value("--proxy-capath", to.proxy_ca_path, "The same, as a directory");
    add.value("--proxy-cert", to.proxy_certificate, "file[:password]: the certificate for an https proxy");
    add.value("--proxy-key", to.proxy_key, "Its key");
    add.value("--proxy-pass", to.proxy_key_password, "The key's password");
    add.value("--proxy-ciphers", to.proxy_ciphers, "The ciphers for an https proxy, up to TLS 1.2");
    add.value("--proxy-tls13-ciphers", to.proxy_cipher_suites, "The cipher suites, from TLS 1.3 on");
    add.flag("--proxy-insecure", to.proxy_insecure, "Do not check an https proxy's certificate");
}

void add_request(option_adder add, command_line& to, raw_values& raw)
{
    add.value("-X,--request", to.method, "The method");
    add.list("-d,--data", raw.data, "Send a form with POST; @file reads one");
    add.list("-H,--header", to.headers, "A field for the origin");
    add.value("-A,--user-agent", to.user_agent, "The User-Agent, for proxy and origin");
    add.value("-u,--user", to.user, "user:password for the origin");
    add.flag("-I,--head", to.head, "Ask for the head only");
    add.flag("-k,--insecure", to.insecure, "Do not check the origin's certificate");
    add.value("--cacert", to.ca_file, "The certificates to check with");
    add.flag("-L,--location", to.location, "Follow redirects");
}

void add_answer(option_adder add, command_line& to, raw_values& raw)
{
    add.value("-o,--output", to.output, "Write to a file");
    add.flag("-O,--remote-name", to.remote_name, "Write to a file named as in the URL");
    add.flag("-i,--include,--show-headers", to.include, "Show the heads, the proxy's included");
    add.flag("--suppress-connect-headers", to.suppress_connect_headers, "Do not show the proxy's head");
    add.flag("-f,--fail", to.fail, "Exit with 22 where the status is 400 or above");
    add.value("-w,--write-out", to.write_out, "What to print at the end, with %{variables}; @file reads it");
    add.flag("-v,--verbose", to.verbose, "Tell what happens");
    add.flag("-s,--silent", to.silent, "Do not tell what went wrong");
    add.flag("-S,--show-error", to.show_error, "Tell what went wrong even with -s");
    add.flag("-V,--version", raw.version, "Print the version");
}

void parse(CLI::App& app, int argc, char const* const* argv)
{
    try {
        app.parse(argc, argv);
    } catch (CLI::CallForHelp const&) {
        throw;
    } catch (CLI::ArgumentMismatch const& e) {
        std::string const text = e.what();
        misuse(fmt::format("option {}: requires parameter", text.substr(0, text.find(':'))));
    } catch (CLI::ParseError const& e) {
        misuse(e.what());
    }
    for (auto const& word : app.remaining()) {
        if (word.starts_with('-'))
            misuse(fmt::format("option {}: is unknown", word.substr(0, word.find('='))));
        misuse(fmt::format("one URL at a time: '{}' is a second one", without_credentials(word)));
    }
}

void check(command_line& command, raw_values const& raw)
{
    if (command.url.empty()) misuse("no URL specified!");
    if (command.url.starts_with('-')) misuse(fmt::format("option {}: is unknown", command.url));
    command.proxy_http_1_0 = !raw.old_proxies.empty();
    command.proxies.insert(command.proxies.end(), raw.old_proxies.begin(), raw.old_proxies.end());
    for (auto const& proxy : raw.socks)
        command.proxies.push_back("socks5://" + proxy);
    for (auto const& proxy : raw.socks_names)
        command.proxies.push_back("socks5h://" + proxy);
    command.max_time = read_seconds("-m", raw.max_time);
    command.connect_timeout = read_seconds("--connect-timeout", raw.connect_timeout);
    if (raw.exit_compat != "7" && raw.exit_compat != "56") misuse("option --exit-compat: expected 56");
    command.refused_exit = raw.exit_compat == "56" ? CURLE_RECV_ERROR : CURLE_COULDNT_CONNECT;
    if (command.head && !raw.data.empty())
        misuse("You can only select one HTTP request method! You asked for both POST (-d, --data) and HEAD "
               "(-I, --head).");
    if (command.write_out && command.write_out->starts_with('@'))
        command.write_out = read_all(command.write_out->substr(1));
    command.body = read_body(raw.data);
    command.include = command.include || command.head;
}

} // namespace

std::optional<command_line> parse_command_line(int argc, char const* const* argv)
{
    command_line command;
    raw_values raw;
    CLI::App app{"viaduct-curl: curl's switches on Viaduct's way through a proxy"};
    app.allow_extras();
    app.set_help_flag("-h,--help", "Print this");
    app.add_option("url", command.url, "http:// or https://; http where there is neither");
    option_adder const add{app};
    add_way(add, command, raw);
    add_proxy_identity(add, command);
    add_request(add, command, raw);
    add_answer(add, command, raw);
    try {
        parse(app, argc, argv);
    } catch (CLI::CallForHelp const&) {
        std::cout << app.help();
        return std::nullopt;
    }
    if (raw.version) {
        std::cout << "viaduct-curl " VIADUCT_VERSION " (" << curl_version() << ")\nProtocols: http https\n";
        return std::nullopt;
    }
    check(command, raw);
    return command;
}

} // namespace viaduct_curl
