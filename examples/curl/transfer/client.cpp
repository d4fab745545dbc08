#include "transfer/client.hpp"

#include <new>
#include <utility>

namespace viaduct_curl {

client::client() : handle_{curl_easy_init()}
{
    if (!handle_) throw std::bad_alloc{};
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
