#ifndef VIADUCT_IMPL_NET_ANY_STREAM_IPP
#define VIADUCT_IMPL_NET_ANY_STREAM_IPP

#include <viaduct/detail/run_rule.hpp>
#include <viaduct/net/any_stream.hpp>

namespace viaduct {
namespace detail {

/// The lowest layer.
class tcp_layer final : public basic_stream_layer<net::ip::tcp::socket>
{
public:
    using basic_stream_layer::basic_stream_layer;

    [[nodiscard]] net::ip::tcp::socket& socket() noexcept override { return stream_; }

    [[nodiscard]] bool is_idle() override { return detail::is_idle(stream_); }

    std::string end_sending() override
    {
        error_code ignored; // a socket that was reset meanwhile: whoever reads it is told
        stream_.shutdown(net::socket_base::shutdown_send, ignored);
        return {};
    }
};

} // namespace detail

VIADUCT_DECL any_stream::any_stream(net::ip::tcp::socket socket)
    : layer_{std::make_unique<detail::tcp_layer>(std::move(socket))}
{}

} // namespace viaduct

#endif
