#ifndef VIADUCT_CURL_TRANSFER_CLIENT_HPP
#define VIADUCT_CURL_TRANSFER_CLIENT_HPP

#include "path/proxy_identity.hpp"
#include "path/tunnels.hpp"
#include "transfer/transfer.hpp"

#include <curl/curl.h>

#include <functional>
#include <memory>

namespace viaduct_curl {

/// What all transfers share: libcurl's handle with its connections and cookies, the tunnels behind those
/// connections, and what has been learned of proxies.
class client : private connection_source
{
public:
    /// Makes the tunnel for a request, by its way's gate; throws nothing, and says CURL_SOCKET_BAD instead.
    using opener = std::function<curl_socket_t()>;

    client();

    [[nodiscard]] CURL* handle() const noexcept { return handle_.get(); }
    [[nodiscard]] tunnels& open_tunnels() noexcept { return tunnels_; }
    [[nodiscard]] known_proxies& known() noexcept { return known_; }

    /// Whether the next transfer learns cookies and sends those that earlier ones have learned.
    void use_cookies(bool used);

    /// Writes all cookies to the file that -c names, if it does. That nobody can write it is no failure.
    void save_cookies(request_settings const& wanted);

    /// Has the transfer's connections opened by `by`, which is asked until another one takes its place.
    [[nodiscard]] connection_source& opened_by(opener by);

private:
    struct handle_deleter
    {
        void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
    };

    struct share_deleter
    {
        void operator()(CURLSH* share) const noexcept { curl_share_cleanup(share); }
    };

    curl_socket_t open() noexcept override;
    int close(curl_socket_t socket) noexcept override;

    known_proxies known_;
    tunnels tunnels_;
    opener opener_;
    std::unique_ptr<CURLSH, share_deleter> cookies_;
    std::unique_ptr<CURL, handle_deleter> handle_; // last: it closes its connections at its end
};

} // namespace viaduct_curl

#endif
