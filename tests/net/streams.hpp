#ifndef VIADUCT_TESTS_NET_STREAMS_HPP
#define VIADUCT_TESTS_NET_STREAMS_HPP

#include <viaduct/testing/duplex_pair.hpp>
#include <viaduct/testing/tcp_pair.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fixture {

namespace net = viaduct::net;

struct over_tcp
{
    static auto pair(net::any_io_executor executor)
    {
        return viaduct::testing::tcp_pair(std::move(executor));
    }
};

struct over_memory
{
    static auto pair(net::any_io_executor executor)
    {
        return viaduct::testing::duplex_pair(std::move(executor), 1000);
    }
};

/// Reads everything that comes until the stream ends or fails.
template <class Stream>
class collector
{
public:
    explicit collector(Stream& stream) : stream_{stream} { read(); }
    collector(collector const&) = delete;
    collector& operator=(collector const&) = delete;

    std::string text;
    std::optional<viaduct::error_code> end; // `eof` after an orderly end

private:
    void read()
    {
        stream_.async_read_some(net::buffer(memory_), [this](viaduct::error_code ec, std::size_t n) {
            text.append(memory_.data(), n);
            if (ec)
                end = ec;
            else
                read();
        });
    }

    Stream& stream_;
    std::array<char, 4096> memory_{};
};

/// Sends all of it, and does not care whether it arrives.
template <class Stream>
void send(Stream& to, std::string text)
{
    auto const kept = std::make_shared<std::string>(std::move(text));
    net::async_write(to, net::buffer(*kept), [kept](viaduct::error_code, std::size_t) {});
}

} // namespace fixture

#endif
