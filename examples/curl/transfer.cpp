#include "transfer.hpp"

#include "dial_settings.hpp"
#include "failure.hpp"
#include <viaduct/http/characters.hpp>

#include <cstdlib>
#include <new>
#include <unistd.h>

namespace viaduct_curl {

transfer::transfer(command_line const& command, request const& what, output& to, verbose& log)
    : command_{command},
      output_{to},
      log_{log},
      handle_{curl_easy_init(), curl_easy_cleanup},
      headers_{make_list(what.headers)},
      proxy_headers_{make_list(command.proxy_headers)},
      error_(CURL_ERROR_SIZE)
{
    if (!handle_) throw std::bad_alloc{};
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_PROXY, ""); // libcurl reads no variables of its own
    set(CURLOPT_NOPROXY, "");
    set_request(what);
    set_answer();
}

transfer::~transfer()
{
    if (connected_ != CURL_SOCKET_BAD) ::close(connected_);
}

template <class Value>
void transfer::set(CURLoption option, Value value)
{
    auto const code = curl_easy_setopt(handle_.get(), option, value);
    if (code != CURLE_OK) throw failure{code, curl_easy_strerror(code)};
}

void transfer::set_request(request const& what)
{
    set(CURLOPT_URL, what.to.text.c_str());
    if (what.method == "HEAD") set(CURLOPT_NOBODY, 1L);
    if (what.body) {
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(what.body->size()));
        set(CURLOPT_COPYPOSTFIELDS, what.body->c_str());
    }
    if (command_.method) set(CURLOPT_CUSTOMREQUEST, command_.method->c_str());
    auto const agent = command_.user_agent.value_or("viaduct-curl/" VIADUCT_VERSION);
    set(CURLOPT_USERAGENT, agent.empty() ? nullptr : agent.c_str());
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_PROXYHEADER, proxy_headers_.get());
    set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
    if (what.user) set(CURLOPT_USERNAME, what.user->c_str());
    if (what.password) set(CURLOPT_PASSWORD, what.password->c_str());
    if (command_.insecure) {
        set(CURLOPT_SSL_VERIFYPEER, 0L);
        set(CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (command_.ca_file) set(CURLOPT_CAINFO, command_.ca_file->c_str());
}

void transfer::set_answer()
{
    set(CURLOPT_HEADERFUNCTION, &transfer::on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &transfer::on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    if (command_.fail) set(CURLOPT_FAILONERROR, 1L);
    if (!log_.on()) return;
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &verbose::on_debug);
    set(CURLOPT_DEBUGDATA, static_cast<void*>(&log_));
}

void transfer::use_bridge(std::string const& name)
{
    set(CURLOPT_ABSTRACT_UNIX_SOCKET, name.c_str());
}

void transfer::use_proxy(std::string const& address, viaduct::credentials const* who, curl_socket_t connected)
{
    connected_ = connected;
    set(CURLOPT_PROXY, address.c_str());
    if (who) use_proxy_credentials(*who);
    set(CURLOPT_OPENSOCKETFUNCTION, &transfer::on_open);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    set(
        CURLOPT_SOCKOPTFUNCTION,
        +[](void*, curl_socket_t, curlsocktype) -> int { return CURL_SOCKOPT_ALREADY_CONNECTED; });
}

void transfer::hand_over_to(viaduct::proxy_url const& proxy)
{
    auto const text = [&](CURLoption option, std::optional<std::string> const& value) {
        if (value) set(option, value->c_str());
    };
    set(CURLOPT_PROXY, to_text(proxy).c_str());
    if (proxy.who) use_proxy_credentials(*proxy.who);
    set(CURLOPT_PROXYAUTH, static_cast<long>(proxy_schemes()));
    text(CURLOPT_PROXY_SERVICE_NAME, command_.proxy_service);
    text(CURLOPT_PROXY_SSL_CIPHER_LIST, command_.proxy_ciphers);
    text(CURLOPT_PROXY_TLS13_CIPHERS, command_.proxy_cipher_suites);
    text(CURLOPT_PROXY_CAINFO, command_.proxy_ca_file);
    text(CURLOPT_PROXY_CAPATH, command_.proxy_ca_path);
    auto const [certificate, password] = split_certificate(command_);
    if (!certificate.empty()) set(CURLOPT_PROXY_SSLCERT, certificate.c_str());
    if (!password.empty()) set(CURLOPT_PROXY_KEYPASSWD, password.c_str());
    text(CURLOPT_PROXY_SSLKEY, command_.proxy_key);
    if (!command_.proxy_insecure) return;
    set(CURLOPT_PROXY_SSL_VERIFYPEER, 0L);
    set(CURLOPT_PROXY_SSL_VERIFYHOST, 0L);
}

void transfer::use_proxy_credentials(viaduct::credentials const& who)
{
    set(CURLOPT_PROXYUSERNAME, who.user.c_str());
    set(CURLOPT_PROXYPASSWORD, who.password.c_str());
}

/// The choice that `choose_schemes` makes, too.
unsigned long transfer::proxy_schemes() const
{
    if (command_.proxy_any_auth) return CURLAUTH_ANY;
    if (command_.proxy_negotiate) return CURLAUTH_NEGOTIATE;
    if (command_.proxy_ntlm) return CURLAUTH_NTLM;
    return command_.proxy_digest ? CURLAUTH_DIGEST : CURLAUTH_BASIC;
}

void transfer::set_clocks(std::chrono::milliseconds total, std::chrono::milliseconds connect)
{
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(total.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
}

CURLcode transfer::run()
{
    return curl_easy_perform(handle_.get());
}

std::string transfer::error(CURLcode code) const
{
    return error_.front() == '\0' ? curl_easy_strerror(code) : error_.data();
}

transfer::list transfer::make_list(std::vector<std::string> const& lines)
{
    list made{nullptr, curl_slist_free_all};
    for (auto const& line : lines) {
        auto* const longer = curl_slist_append(made.get(), line.c_str());
        if (!longer) throw std::bad_alloc{};
        std::ignore = made.release(); // now a part of the longer one
        made.reset(longer);
    }
    return made;
}

/// Learns from a head whether its content is wanted: that of a redirect which is followed is not.
void transfer::take_header(std::string_view line)
{
    using viaduct::characters::iequals;
    auto const colon = line.find(':');
    if (line.starts_with("HTTP/")) {
        auto const status = line.substr(std::min(line.find(' ') + 1, line.size()));
        redirected_ = status.starts_with('3');
        skip_body_ = false;
        header_count_ = 0;
    } else if (colon != std::string_view::npos) {
        ++header_count_;
        if (command_.location && redirected_ && iequals(line.substr(0, colon), "Location")) skip_body_ = true;
    }
}

std::size_t transfer::on_header(char* data, std::size_t, std::size_t size, void* self) noexcept
{
    auto& t = *static_cast<transfer*>(self);
    std::string_view const line{data, size};
    t.take_header(line);
    return !t.command_.include || t.output_.write(line) ? size : 0;
}

std::size_t transfer::on_body(char* data, std::size_t, std::size_t size, void* self) noexcept
{
    auto& t = *static_cast<transfer*>(self);
    return t.skip_body_ || t.output_.write({data, size}) ? size : 0;
}

/// Hands the connected socket over, once.
curl_socket_t transfer::on_open(void* self, curlsocktype, curl_sockaddr*) noexcept
{
    return std::exchange(static_cast<transfer*>(self)->connected_, CURL_SOCKET_BAD);
}

} // namespace viaduct_curl
