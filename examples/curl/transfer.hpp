#ifndef VIADUCT_CURL_TRANSFER_HPP
#define VIADUCT_CURL_TRANSFER_HPP

#include "command_line.hpp"
#include "output.hpp"
#include "url.hpp"
#include "verbose.hpp"
#include <viaduct/client/proxy_url.hpp>

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viaduct_curl {

/// What one request sends, which a redirect may change.
struct request
{
    url to{};
    std::string method = "GET";
    std::optional<std::string> body{};
    std::vector<std::string> headers{};
    std::optional<std::string> user{};
    std::optional<std::string> password{};
};

/// One request and its answer, by libcurl, over a connection that is there or that libcurl makes.
class transfer
{
public:
    transfer(command_line const& command, request const& what, output& to, verbose& log);
    ~transfer();
    transfer(transfer const&) = delete;
    transfer& operator=(transfer const&) = delete;

    /// Speaks over a local socket, behind which is the origin.
    void use_bridge(std::string const& name);

    /// Speaks to a proxy, in the absolute form, over a connected socket, which it takes over.
    void use_proxy(std::string const& address, viaduct::credentials const* who, curl_socket_t connected);

    /// Lets libcurl find its own way through an https proxy.
    void hand_over_to(viaduct::proxy_url const& proxy);

    /// Clocks of zero are off.
    void set_clocks(std::chrono::milliseconds total, std::chrono::milliseconds connect);

    /// Does it. The answer's head and content have gone to the output, unless it is a redirect that is
    /// followed.
    CURLcode run();

    /// What went wrong, in libcurl's words.
    [[nodiscard]] std::string error(CURLcode code) const;

    [[nodiscard]] CURL* handle() const noexcept { return handle_.get(); }

    /// How many field lines the last head had.
    [[nodiscard]] long header_count() const noexcept { return header_count_; }

private:
    using list = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

    template <class Value>
    void set(CURLoption option, Value value);
    void set_request(request const& what);
    void use_proxy_credentials(viaduct::credentials const& who);
    [[nodiscard]] unsigned long proxy_schemes() const;
    void set_answer();
    void take_header(std::string_view line);
    [[nodiscard]] static list make_list(std::vector<std::string> const& lines);
    static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) noexcept;
    static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) noexcept;
    static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr*) noexcept;

    command_line const& command_;
    output& output_;
    verbose& log_;
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
    list headers_;
    list proxy_headers_;
    std::vector<char> error_;
    curl_socket_t connected_ = CURL_SOCKET_BAD; // until libcurl takes it
    long header_count_ = 0;
    bool redirected_ = false; // the last status is one of a redirect
    bool skip_body_ = false;
};

} // namespace viaduct_curl

#endif
