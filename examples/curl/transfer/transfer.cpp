#include "transfer/transfer.hpp"

#include "failure.hpp"
#include "path/dial_settings.hpp"

#include <cstdlib>
#include <exception>
#include <new>
#include <unistd.h>

namespace viaduct_curl {

transfer::transfer(CURL* handle, operation const& wanted, request const& what, answer& to, verbose& log)
    : handle_{handle},
      wanted_{wanted},
      answer_{to},
      log_{log},
      meter_{log.settings(), !wanted.answer.silent && !to.is_on_terminal()},
      error_(CURL_ERROR_SIZE)
{
    curl_easy_reset(handle_);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, ""); // libcurl reads no variables of its own
    set(CURLOPT_NOPROXY, "");
    lists_ = wanted.passed.apply(handle_);
    set_request(what);
    set_answer();
    set(CURLOPT_ERRORBUFFER, error_.data()); // last: where the rest throws, the handle must not keep it
}

transfer::~transfer()
{
    curl_easy_setopt(handle_, CURLOPT_ERRORBUFFER, nullptr); // connections live on, and close when they do
    curl_easy_setopt(handle_, CURLOPT_COOKIEFILE, nullptr);  // a reset would not free the list of their names
}

template <class Value>
void transfer::set(CURLoption option, Value value)
{
    auto const code = curl_easy_setopt(handle_, option, value);
    if (code != CURLE_OK) throw failure{code, curl_easy_strerror(code)};
}

void transfer::set_text(CURLoption option, std::optional<std::string> const& text)
{
    if (text) set(option, text->c_str());
}

void transfer::set_request(request const& what)
{
    auto const& settings = wanted_.request;
    bool const identified = may_identify(what, wanted_.redirect);
    set(CURLOPT_URL, identified ? what.to.text.c_str() : what.to.bare.c_str());
    if (settings.path_as_is) set(CURLOPT_PATH_AS_IS, 1L);
    if (what.method == "HEAD") set(CURLOPT_NOBODY, 1L);
    set_content(what);
    set_text(CURLOPT_CUSTOMREQUEST, settings.method);
    auto const agent = settings.user_agent.value_or(default_user_agent());
    set(CURLOPT_USERAGENT, agent.empty() ? nullptr : agent.c_str());
    if (what.referer && !what.referer->empty()) set(CURLOPT_REFERER, what.referer->c_str());
    set_list(CURLOPT_HTTPHEADER, sent_headers(what, wanted_.redirect));
    set_list(CURLOPT_PROXYHEADER, wanted_.way.proxy_headers);
    set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
    if (identified) set_identity(what);
    if (!identified) set(CURLOPT_XOAUTH2_BEARER, nullptr);
    set_cookies(what);
}

void transfer::set_content(request const& what)
{
    switch (what.what) {
    case request::content::none: return;
    case request::content::data:
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(what.data.size()));
        return set(CURLOPT_COPYPOSTFIELDS, what.data.c_str());
    case request::content::form:
        form_ = make_form(handle_, wanted_.request.form);
        return set(CURLOPT_MIMEPOST, form_.get());
    case request::content::upload:
        upload_.emplace(*what.source, what.redirected);
        return upload_->attach(handle_);
    }
}

void transfer::set_identity(request const& what)
{
    set_text(CURLOPT_USERNAME, what.user);
    set_text(CURLOPT_PASSWORD, what.password);
}

/// Files are read once, and cookies that came since are not forgotten for it. A field of the user's takes the
/// place of -b even where the field is not sent.
void transfer::set_cookies(request const& what)
{
    auto const& settings = wanted_.request;
    std::string cookies;
    for (auto const& more : settings.cookies)
        cookies += cookies.empty() ? more : ';' + more;
    if (!cookies.empty() && !has_header(what, "Cookie")) set(CURLOPT_COOKIE, cookies.c_str());
    if (what.redirected || !settings.keeps_cookies()) return;
    set(CURLOPT_COOKIEFILE, ""); // learns without a file, too
    for (auto const& file : settings.cookie_files)
        if (!file.empty()) set(CURLOPT_COOKIEFILE, file.c_str());
}

void transfer::set_list(CURLoption option, std::vector<std::string> const& lines)
{
    lists_.push_back(make_slist(lines));
    set(option, lists_.back().get());
}

void transfer::set_answer()
{
    set(CURLOPT_HEADERFUNCTION, &transfer::on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &transfer::on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    if (wanted_.answer.fail) set(CURLOPT_FAILONERROR, 1L);
    if (wanted_.answer.remote_time) set(CURLOPT_FILETIME, 1L);
    if (wanted_.answer.write_out || wanted_.answer.json) set(CURLOPT_CERTINFO, 1L);
    meter_.attach(handle_);
    if (!log_.on()) return;
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &verbose::on_debug);
    set(CURLOPT_DEBUGDATA, static_cast<void*>(&log_));
}

void transfer::use_tunnels(gate const& at, connection_source& from)
{
    set(at.is_file ? CURLOPT_UNIX_SOCKET_PATH : CURLOPT_ABSTRACT_UNIX_SOCKET, at.name.c_str());
    set(CURLOPT_OPENSOCKETFUNCTION, &transfer::on_open);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(&from));
    set(CURLOPT_CLOSESOCKETFUNCTION, &transfer::on_close);
    set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(&from));
}

void transfer::use_network()
{
    set(CURLOPT_TCP_KEEPALIVE, 1L); // as curl; the switches come behind it
    for (auto& list : wanted_.direct.apply(handle_))
        lists_.push_back(std::move(list));
}

void transfer::use_proxy(viaduct::proxy_url const& proxy)
{
    auto const text = [&](CURLoption option, std::optional<std::string> const& value) {
        if (value) set(option, value->c_str());
    };
    set(CURLOPT_PROXY, to_text(proxy).c_str());
    text(CURLOPT_PRE_PROXY, wanted_.way.preproxy);
    if (proxy.who) use_proxy_credentials(*proxy.who);
    set(CURLOPT_PROXYAUTH, static_cast<long>(proxy_schemes()));
    text(CURLOPT_PROXY_SERVICE_NAME, wanted_.identity.service);
    text(CURLOPT_PROXY_SSL_CIPHER_LIST, wanted_.identity.ciphers);
    text(CURLOPT_PROXY_TLS13_CIPHERS, wanted_.identity.cipher_suites);
    text(CURLOPT_PROXY_CAINFO, wanted_.identity.ca_file);
    text(CURLOPT_PROXY_CAPATH, wanted_.identity.ca_path);
    auto const [certificate, password] = split_certificate(wanted_);
    if (!certificate.empty()) set(CURLOPT_PROXY_SSLCERT, certificate.c_str());
    if (!password.empty()) set(CURLOPT_PROXY_KEYPASSWD, password.c_str());
    text(CURLOPT_PROXY_SSLKEY, wanted_.identity.key);
    if (!wanted_.identity.insecure) return;
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
    if (wanted_.identity.any) return CURLAUTH_ANY;
    if (wanted_.identity.negotiate) return CURLAUTH_NEGOTIATE;
    if (wanted_.identity.ntlm) return CURLAUTH_NTLM;
    return wanted_.identity.digest ? CURLAUTH_DIGEST : CURLAUTH_BASIC;
}

void transfer::continue_at(std::int64_t offset)
{
    set(CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(offset));
}

void transfer::set_clocks(std::chrono::milliseconds total, std::chrono::milliseconds connect)
{
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(total.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
}

CURLcode transfer::run()
{
    return curl_easy_perform(handle_);
}

std::string transfer::error(CURLcode code) const
{
    return error_.front() == '\0' ? curl_easy_strerror(code) : error_.data();
}

std::size_t transfer::on_header(char* data, std::size_t, std::size_t size, void* self) noexcept
try {
    return static_cast<transfer*>(self)->answer_.take_line({data, size}) ? size : 0;
} catch (std::exception const&) { // out of memory
    return 0;
}

std::size_t transfer::on_body(char* data, std::size_t, std::size_t size, void* self) noexcept
{
    return static_cast<transfer*>(self)->answer_.take_content({data, size}) ? size : 0;
}

curl_socket_t transfer::on_open(void* from, curlsocktype, curl_sockaddr*) noexcept
{
    return static_cast<connection_source*>(from)->open();
}

int transfer::on_close(void* from, curl_socket_t socket) noexcept
{
    return static_cast<connection_source*>(from)->close(socket);
}

} // namespace viaduct_curl
