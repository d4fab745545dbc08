// A relay between any two streams: here standard input and output on one side, a TCP connection on the other.
//
//   3_stdio HOST PORT      (as `nc HOST PORT`; both ends of the stream are passed on)

#include <viaduct/detail/asio_programs.hpp>
#include <viaduct/relay/relay.hpp>

#include <cstdlib>
#include <iostream>
#include <unistd.h>

namespace net = viaduct::net; // asio, or boost::asio

/// Two descriptors as one stream: that is all a relay asks for.
struct stdio
{
    using executor_type = net::any_io_executor;
    explicit stdio(executor_type const& executor) : in{executor, STDIN_FILENO}, out{executor, STDOUT_FILENO}
    {}

    executor_type get_executor() { return in.get_executor(); }

    template <class Buffers, class Token>
    auto async_read_some(Buffers const& into, Token&& token)
    {
        return in.async_read_some(into, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    auto async_write_some(Buffers const& from, Token&& token)
    {
        return out.async_write_some(from, std::forward<Token>(token));
    }
    /// What makes the end of the connection the end of the output.
    void shutdown(net::socket_base::shutdown_type, viaduct::error_code& ec) { out.close(ec); }

    net::posix::stream_descriptor in, out;
};

int main(int argc, char** argv)
try {
    if (argc != 3) throw std::invalid_argument{"usage: 3_stdio HOST PORT"};
    net::io_context context;
    net::ip::tcp::socket connection{context};
    net::connect(connection, net::ip::tcp::resolver{context}.resolve(argv[1], argv[2]));

    stdio terminal{context.get_executor()};
    viaduct::async_relay(terminal, connection, {}, [](viaduct::error_code ec, viaduct::relay_result result) {
        if (ec) std::cerr << ec.message() << '\n';
        std::cerr << result.a_to_b << " octets sent, " << result.b_to_a << " received\n";
    });
    context.run();
} catch (std::exception const& e) {
    std::cerr << e.what() << '\n';
    return EXIT_FAILURE;
}
