#ifndef VIADUCT_NET_ANY_STREAM_HPP
#define VIADUCT_NET_ANY_STREAM_HPP

#include <viaduct/detail/any_handler.hpp>
#include <viaduct/detail/any_stream_layer.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace viaduct {

/// A connected stream whose kind is known only while the program runs: TCP, TLS, TLS in TLS.
/**
 * AsyncReadStream, AsyncWriteStream, SyncReadStream and SyncWriteStream. Reading and writing cost one virtual
 * call a layer. Over TCP they cost no allocation once the thread has memory to reuse; a layer of TLS needs
 * more than Asio keeps for a thread, which is about one for each call. One read and one write may be under
 * way at once. It is to be moved and destroyed only while none is.
 *
 * Per-operation cancellation is that of the stream inside: terminal, for TLS followed by closing.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class any_stream
{
public:
    using executor_type = net::any_io_executor;
    using lowest_layer_type = net::ip::tcp::socket;
    using next_layer_type = any_stream;

    /// No stream: good for nothing but assignment and `is_open`.
    any_stream() noexcept = default;

    /// A TCP connection.
    VIADUCT_DECL explicit any_stream(net::ip::tcp::socket socket);

    /// A layer above another stream.
    explicit any_stream(std::unique_ptr<detail::any_stream_layer> layer) noexcept : layer_{std::move(layer)}
    {}

    [[nodiscard]] bool is_open() const { return layer_ && layer_->socket().is_open(); }

    /// Whether there is nothing above the TCP connection.
    [[nodiscard]] bool is_plain() const noexcept { return layer_ && layer_->below() == nullptr; }

    [[nodiscard]] executor_type get_executor() const { return layer_->socket().get_executor(); }

    /// The TCP connection below everything: for its options and addresses. Not for its octets.
    [[nodiscard]] lowest_layer_type& lowest_layer() const { return layer_->socket(); }

    /// The stream below the topmost layer; the stream itself if there is none.
    [[nodiscard]] next_layer_type& next_layer() { return layer_->below() ? *layer_->below() : *this; }

    /// Takes the bare socket out; only if `is_plain`.
    [[nodiscard]] net::ip::tcp::socket release_socket()
    {
        auto socket = std::move(layer_->socket());
        layer_.reset();
        return socket;
    }

    /// Closes the TCP connection; what is under way ends with `operation_aborted`.
    void close(error_code& ec)
    {
        ec = {};
        if (layer_) layer_->socket().close(ec);
    }

    /// Whether it is still connected and has nothing to read, as far as that can be told without waiting.
    [[nodiscard]] bool is_idle() const { return layer_ && layer_->is_idle(); }

    /// Says that no more comes from this side: the end of a TCP stream, or TLS's close_notify in front of
    /// it. Reading goes on.
    /** @return Octets that say so, to be written to `next_layer()`; none where a call was enough. */
    [[nodiscard]] std::string end_sending() { return layer_->end_sending(); }

    /// Completion signature `void(error_code, std::size_t)`, like that of the stream inside.
    template <class MutableBufferSequence, class CompletionToken>
    auto async_read_some(MutableBufferSequence const& buffers, CompletionToken&& token)
    {
        return net::async_initiate<CompletionToken, void(error_code, std::size_t)>(
            [this](auto handler, detail::buffer_list<net::mutable_buffer> const& into) {
                layer_->async_read_some(into, detail::io_handler{std::move(handler), get_executor()});
            },
            token, detail::buffer_list<net::mutable_buffer>{buffers});
    }

    /// Completion signature `void(error_code, std::size_t)`, like that of the stream inside.
    template <class ConstBufferSequence, class CompletionToken>
    auto async_write_some(ConstBufferSequence const& buffers, CompletionToken&& token)
    {
        return net::async_initiate<CompletionToken, void(error_code, std::size_t)>(
            [this](auto handler, detail::buffer_list<net::const_buffer> const& from) {
                layer_->async_write_some(from, detail::io_handler{std::move(handler), get_executor()});
            },
            token, detail::buffer_list<net::const_buffer>{buffers});
    }

    template <class MutableBufferSequence>
    std::size_t read_some(MutableBufferSequence const& buffers, error_code& ec)
    {
        return layer_->read_some(detail::buffer_list<net::mutable_buffer>{buffers}, ec);
    }

    /// @throws system_error
    template <class MutableBufferSequence>
    std::size_t read_some(MutableBufferSequence const& buffers)
    {
        error_code ec;
        auto const n = read_some(buffers, ec);
        if (ec) throw system_error(ec, "read_some");
        return n;
    }

    template <class ConstBufferSequence>
    std::size_t write_some(ConstBufferSequence const& buffers, error_code& ec)
    {
        return layer_->write_some(detail::buffer_list<net::const_buffer>{buffers}, ec);
    }

    /// @throws system_error
    template <class ConstBufferSequence>
    std::size_t write_some(ConstBufferSequence const& buffers)
    {
        error_code ec;
        auto const n = write_some(buffers, ec);
        if (ec) throw system_error(ec, "write_some");
        return n;
    }

private:
    std::unique_ptr<detail::any_stream_layer> layer_;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/net/any_stream.ipp>
#endif

#endif
