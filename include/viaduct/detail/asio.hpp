#ifndef VIADUCT_DETAIL_ASIO_HPP
#define VIADUCT_DETAIL_ASIO_HPP

// The one header that knows which Asio is in use, and what moved between Asio 1.22.1 and the newest.
// Everything else says `net::`, and includes this.

#include <viaduct/detail/config.hpp>

#if defined(VIADUCT_BOOST_ASIO)
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp> // before parallel_group.hpp, which forgot it until Asio 1.30.1
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/version.hpp>
#include <boost/asio/write.hpp>
#if BOOST_ASIO_VERSION >= 102300
#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/prepend.hpp>
#else
#include <boost/asio/experimental/append.hpp>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/experimental/deferred.hpp>
#include <boost/asio/experimental/prepend.hpp>
#endif
#define VIADUCT_ASIO_VERSION BOOST_ASIO_VERSION
#else
#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp> // before parallel_group.hpp, which forgot it until Asio 1.30.1
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/compose.hpp>
#include <asio/connect.hpp>
#include <asio/error.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/experimental/channel.hpp>
#include <asio/experimental/parallel_group.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/network_v4.hpp>
#include <asio/ip/network_v6.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <asio/recycling_allocator.hpp>
#include <asio/steady_timer.hpp>
#include <asio/version.hpp>
#include <asio/write.hpp>
#if ASIO_VERSION >= 102300
#include <asio/append.hpp>
#include <asio/as_tuple.hpp>
#include <asio/deferred.hpp>
#include <asio/prepend.hpp>
#else
#include <asio/experimental/append.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/deferred.hpp>
#include <asio/experimental/prepend.hpp>
#endif
#define VIADUCT_ASIO_VERSION ASIO_VERSION
#endif

namespace viaduct {

#if defined(VIADUCT_BOOST_ASIO)
namespace net = boost::asio;
#else
namespace net = asio;
#endif

namespace detail {

/// For a context whose sockets and timers are all used on one thread, while others may post to it.
#if defined(VIADUCT_BOOST_ASIO)
inline constexpr int one_thread_for_io = BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO;
#else
inline constexpr int one_thread_for_io = ASIO_CONCURRENCY_HINT_UNSAFE_IO;
#endif

#if VIADUCT_ASIO_VERSION >= 102300
using net::append;
using net::as_tuple;
using net::deferred;
using net::prepend;
#else
using net::experimental::append;
using net::experimental::as_tuple;
using net::experimental::deferred;
using net::experimental::prepend;
#endif

/// Lets every type of cancellation end an operation, and all that it is made of.
/** Not every inner operation honours `total`, and one that does not would leave the others waiting for it. */
struct any_cancellation_is_terminal
{
    [[nodiscard]] net::cancellation_type_t operator()(net::cancellation_type_t type) const noexcept
    {
        return type == net::cancellation_type::none ? type : net::cancellation_type::terminal;
    }
};

/// Makes a composed operation end at a cancellation of any type; call it first.
template <class Self>
void end_on_cancellation(Self& self)
{
    self.reset_cancellation_state(any_cancellation_is_terminal{});
}

/// Whether the user has cancelled a composed operation: the one spelling that every supported Asio has.
template <class Self>
[[nodiscard]] bool cancelled(Self& self)
{
    return self.get_cancellation_state().cancelled() != net::cancellation_type::none;
}

} // namespace detail
} // namespace viaduct

#endif
