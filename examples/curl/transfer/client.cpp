#include "transfer/client.hpp"

#include <cstdio>
#include <new>
#include <utility>

namespace viaduct_curl {

client::client() : cookies_{curl_share_init()}, handle_{curl_easy_init()}
{
    if (!cookies_ || !handle_) throw std::bad_alloc{};
    curl_share_setopt(cookies_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
}

void client::use_cookies(bool used)
{
    curl_easy_setopt(handle(), CURLOPT_SHARE, used ? cookies_.get() : nullptr);
}

void client::save_cookies(request_settings const& wanted)
{
    if (!wanted.cookie_jar) return;
    use_cookies(true); // the URL may have failed before that
    curl_easy_setopt(handle(), CURLOPT_COOKIEJAR, wanted.cookie_jar->c_str());
    curl_easy_setopt(handle(), CURLOPT_COOKIELIST, "FLUSH");
    curl_easy_setopt(handle(), CURLOPT_COOKIEJAR, nullptr);
    std::fflush(stdout); // which `-` is
}

connection_source& client::opened_by(opener by)
{
    opener_ = std::move(by);
    return *this;
}

curl_socket_t client::open() noexcept
{
    return opener_();
}

int client::close(curl_socket_t socket) noexcept
{
    return tunnels_.close(socket);
}

} // namespace viaduct_curl
