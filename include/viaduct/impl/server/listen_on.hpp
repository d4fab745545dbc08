#ifndef VIADUCT_IMPL_SERVER_LISTEN_ON_HPP
#define VIADUCT_IMPL_SERVER_LISTEN_ON_HPP

#include <viaduct/detail/asio.hpp>

#include <cstddef>

namespace viaduct::detail {

#if defined(SO_REUSEPORT)
/// SO_REUSEPORT, as Asio wants an option to be.
class reuse_port
{
public:
    template <class Protocol>
    [[nodiscard]] int level(Protocol const&) const noexcept
    {
        return SOL_SOCKET;
    }
    template <class Protocol>
    [[nodiscard]] int name(Protocol const&) const noexcept
    {
        return SO_REUSEPORT;
    }
    template <class Protocol>
    [[nodiscard]] int const* data(Protocol const&) const noexcept
    {
        return &on_;
    }
    template <class Protocol>
    [[nodiscard]] std::size_t size(Protocol const&) const noexcept
    {
        return sizeof on_;
    }

private:
    int on_ = 1;
};
#endif

/// An open port.
[[nodiscard]] inline net::ip::tcp::acceptor listen_on(net::any_io_executor const& executor,
                                                      net::ip::tcp::endpoint const& where, bool shared)
{
    net::ip::tcp::acceptor listener{executor, where.protocol()};
    listener.set_option(net::ip::tcp::acceptor::reuse_address{true});
#if defined(SO_REUSEPORT)
    if (shared) listener.set_option(reuse_port{});
#else
    if (shared) throw system_error(net::error::operation_not_supported);
#endif
    listener.bind(where);
    listener.listen();
    return listener;
}

} // namespace viaduct::detail

#endif
