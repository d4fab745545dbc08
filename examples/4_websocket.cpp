// A WebSocket through a proxy: Beast speaks over what Viaduct has connected. Needs Boost.Asio and OpenSSL.
//
//   4_websocket http://proxy.example:3128 wss://echo.example:443/path MESSAGE [--cacert FILE]

#include <viaduct/client/dialer.hpp>

#include <boost/asio/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <cstdlib>
#include <iostream>

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;
using wss_stream = websocket::stream<net::ssl::stream<net::ip::tcp::socket>>;

/// All of it is Beast's and Asio's: the tunnel has left nothing to know about.
static void converse(wss_stream& socket, viaduct::authority const& origin, std::string const& path,
                     std::string const& message)
{
    auto& session = socket.next_layer();
    if (!origin.is_address()) SSL_set_tlsext_host_name(session.native_handle(), origin.host().c_str());
    session.set_verify_callback(net::ssl::host_name_verification{origin.host()});
    session.handshake(net::ssl::stream_base::client);
    socket.handshake(origin.text(), path);
    socket.write(net::buffer(message));
    std::string answer;
    auto room = net::dynamic_buffer(answer);
    socket.read(room);
    std::cout << answer << '\n';
    socket.close(websocket::close_code::normal);
}

int main(int argc, char** argv)
try {
    bool const own_ca = argc == 6 && std::string_view{argv[4]} == "--cacert";
    std::string const url{argc == 4 || own_ca ? argv[2] : ""};
    if (!url.starts_with("wss://"))
        throw std::invalid_argument{"usage: 4_websocket PROXY_URL WSS_URL MESSAGE [--cacert FILE]"};
    auto const slash = url.find('/', 6);
    auto const origin = viaduct::parse_authority(url.substr(6, slash - 6));
    auto const path = slash == url.npos ? "/" : url.substr(slash);

    net::ssl::context tls{net::ssl::context::tls_client};
    tls.set_verify_mode(net::ssl::verify_peer);
    own_ca ? tls.load_verify_file(argv[5]) : tls.set_default_verify_paths();

    net::io_context context;
    wss_stream socket{context, tls};
    auto& tunnel = socket.next_layer().next_layer();
    tunnel = viaduct::dial(context, origin, {.proxies = {viaduct::parse_proxy_list(argv[1])}}).release();
    converse(socket, origin, path, argv[3]);
} catch (std::exception const& e) {
    std::cerr << e.what() << '\n';
    return EXIT_FAILURE;
}
