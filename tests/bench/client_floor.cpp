// What a tunnel costs at the least: the system's calls for one, with nothing around them and an answer taken
// on trust.

#include "ledger.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace {

using bench::client_plan;
using bench::failure;
using bench::ledger;

void wait_for(bench::descriptor const& socket, short event)
{
    pollfd wanted{socket.get(), event, 0};
    bench::checked(::poll(&wanted, 1, -1), "poll");
}

bench::descriptor connect_to(sockaddr_in const& proxy)
{
    bench::descriptor socket{
        bench::checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket")};
    int const yes = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(socket.get(), reinterpret_cast<sockaddr const*>(&proxy), sizeof proxy) == 0) return socket;
    wait_for(socket, POLLOUT);
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) throw failure{"connect"};
    return socket;
}

void run(client_plan const& plan, ledger& account)
{
    auto const target = bench::to_string(plan.target);
    auto const request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
    while (account.begin()) {
        auto const socket = connect_to(plan.proxy);
        bench::checked(int(::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL)), "send");
        wait_for(socket, POLLIN);
        char answer[1024];
        if (::recv(socket.get(), answer, sizeof answer, 0) < 12 || answer[9] != '2')
            throw failure{"no tunnel"};
        account.opened();
    }
}

} // namespace

int main(int argc, char** argv)
{
    return bench::run_client(argc, argv, run);
}
