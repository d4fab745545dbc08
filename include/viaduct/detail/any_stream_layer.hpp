#ifndef VIADUCT_DETAIL_ANY_STREAM_LAYER_HPP
#define VIADUCT_DETAIL_ANY_STREAM_LAYER_HPP

#include <viaduct/detail/any_handler.hpp>
#include <viaduct/detail/asio.hpp>

#include <array>
#include <cstddef>
#include <string>

namespace viaduct {

class any_stream;

namespace detail {

/// A buffer sequence of any type, cut to its first few members: `read_some` and `write_some` may do less than
/// they are asked for.
template <class Buffer>
class buffer_list
{
public:
    using value_type = Buffer;
    using const_iterator = Buffer const*;

    template <class BufferSequence>
    explicit buffer_list(BufferSequence const& from)
    {
        auto const last = net::buffer_sequence_end(from);
        for (auto at = net::buffer_sequence_begin(from); at != last && size_ < buffers_.size(); ++at)
            if (Buffer const next{*at}; next.size() != 0) buffers_[size_++] = next;
    }

    [[nodiscard]] const_iterator begin() const noexcept { return buffers_.data(); }
    [[nodiscard]] const_iterator end() const noexcept { return buffers_.data() + size_; }

private:
    std::array<Buffer, 8> buffers_{};
    std::size_t size_ = 0;
};

using io_handler = any_handler<void(error_code, std::size_t)>;

/// What an `any_stream` is made of: the stream of one layer.
class any_stream_layer
{
public:
    any_stream_layer() = default;
    any_stream_layer(any_stream_layer const&) = delete;
    any_stream_layer& operator=(any_stream_layer const&) = delete;
    virtual ~any_stream_layer() = default;

    [[nodiscard]] virtual net::ip::tcp::socket& socket() noexcept = 0;
    [[nodiscard]] virtual any_stream* below() noexcept { return nullptr; }

    virtual void async_read_some(buffer_list<net::mutable_buffer> const& into, io_handler handler) = 0;
    virtual void async_write_some(buffer_list<net::const_buffer> const& from, io_handler handler) = 0;
    virtual std::size_t read_some(buffer_list<net::mutable_buffer> const& into, error_code& ec) = 0;
    virtual std::size_t write_some(buffer_list<net::const_buffer> const& from, error_code& ec) = 0;
    virtual std::string end_sending() = 0;

    /// Whether it is connected and has nothing to read, as far as that can be told without waiting.
    [[nodiscard]] virtual bool is_idle() = 0;
};

/// The layer that is a stream of Asio's model.
template <class Stream>
class basic_stream_layer : public any_stream_layer
{
public:
    template <class... Args>
    explicit basic_stream_layer(Args&&... args) : stream_(std::forward<Args>(args)...)
    {}

    void async_read_some(buffer_list<net::mutable_buffer> const& into, io_handler handler) override
    {
        stream_.async_read_some(into, std::move(handler));
    }
    void async_write_some(buffer_list<net::const_buffer> const& from, io_handler handler) override
    {
        stream_.async_write_some(from, std::move(handler));
    }
    std::size_t read_some(buffer_list<net::mutable_buffer> const& into, error_code& ec) override
    {
        return stream_.read_some(into, ec);
    }
    std::size_t write_some(buffer_list<net::const_buffer> const& from, error_code& ec) override
    {
        return stream_.write_some(from, ec);
    }

protected:
    Stream stream_;
};

} // namespace detail
} // namespace viaduct

#endif
