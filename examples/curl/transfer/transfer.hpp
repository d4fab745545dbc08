#ifndef VIADUCT_CURL_TRANSFER_TRANSFER_HPP
#define VIADUCT_CURL_TRANSFER_TRANSFER_HPP

#include "command/command_line.hpp"
#include "path/bridge.hpp"
#include "path/route.hpp"
#include "tell/meter.hpp"
#include "tell/verbose.hpp"
#include "transfer/answer.hpp"
#include "transfer/form.hpp"
#include "transfer/request.hpp"
#include "transfer/upload.hpp"

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct_curl {

/// Where libcurl gets connections that it does not make itself.
class connection_source
{
public:
    virtual ~connection_source() = default;

    /// A local socket that leads to the origin, once it is connected; or CURL_SOCKET_BAD.
    virtual curl_socket_t open() noexcept = 0;

    /// Closes one of those; perhaps long after the transfer that it was opened for.
    virtual int close(curl_socket_t socket) noexcept = 0;
};

/// One request and its answer, by libcurl.
class transfer
{
public:
    /// All of them must outlive it.
    /** @param handle Of libcurl's; what earlier transfers set is forgotten, their connections are not. */
    transfer(CURL* handle, operation const& wanted, request const& what, answer& to, verbose& log);
    ~transfer();
    transfer(transfer const&) = delete;
    transfer& operator=(transfer const&) = delete;

    /// Speaks over local sockets, behind which is the origin.
    void use_tunnels(gate const& at, connection_source& from);

    /// Lets libcurl find its own way to a proxy, which is asked in the absolute form.
    void use_proxy(viaduct::proxy_url const& proxy);

    /// Asks for what begins there, or sends that.
    void continue_at(std::int64_t offset);

    /// Has libcurl connect as the switches for connections say.
    void use_network();

    /// Clocks of zero are off.
    void set_clocks(std::chrono::milliseconds total, std::chrono::milliseconds connect);

    /// Does it. The answer's head and content have gone to the output, unless it is a redirect that is
    /// followed.
    CURLcode run();

    /// What went wrong, in libcurl's words.
    [[nodiscard]] std::string error(CURLcode code) const;

    [[nodiscard]] CURL* handle() const noexcept { return handle_; }

private:
    template <class Value>
    void set(CURLoption option, Value value);
    void set_list(CURLoption option, std::vector<std::string> const& lines);
    void set_text(CURLoption option, std::optional<std::string> const& text);
    void set_request(request const& what);
    void set_content(request const& what);
    void set_identity(request const& what);
    void set_cookies(request const& what);
    void use_proxy_credentials(viaduct::credentials const& who);
    [[nodiscard]] unsigned long proxy_schemes() const;
    void set_answer();
    static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) noexcept;
    static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) noexcept;
    static curl_socket_t on_open(void* from, curlsocktype, curl_sockaddr*) noexcept;
    static int on_close(void* from, curl_socket_t socket) noexcept;

    CURL* handle_;
    operation const& wanted_;
    answer& answer_;
    verbose& log_;
    meter meter_;
    std::vector<slist> lists_; // which the handle uses
    mime form_;
    std::optional<upload> upload_{};
    std::vector<char> error_;
};

} // namespace viaduct_curl

#endif
