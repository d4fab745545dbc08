// What a tunnel costs whoever opens it with libcurl: CURLOPT_CONNECT_ONLY through CURLOPT_HTTPPROXYTUNNEL.

#include "ledger.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <poll.h>

namespace {

using bench::client_plan;
using bench::failure;
using bench::ledger;

using easy_handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

void expect(CURLcode code, char const* what)
{
    if (code != CURLE_OK) throw failure{std::string{what} + ": " + curl_easy_strerror(code)};
}

template <class Value>
void set(easy_handle const& handle, CURLoption option, Value value)
{
    expect(curl_easy_setopt(handle.get(), option, value), "curl_easy_setopt");
}

easy_handle make_handle(client_plan const& plan)
{
    easy_handle handle{curl_easy_init(), curl_easy_cleanup};
    if (!handle) throw failure{"curl_easy_init"};
    set(handle, CURLOPT_URL, ("http://" + bench::to_string(plan.target) + "/").c_str());
    set(handle, CURLOPT_PROXY, ("http://" + bench::to_string(plan.proxy)).c_str());
    set(handle, CURLOPT_NOPROXY, "");
    set(handle, CURLOPT_HTTPPROXYTUNNEL, 1L);
    set(handle, CURLOPT_CONNECT_ONLY, 1L);
    set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_FRESH_CONNECT, 1L);
    if (!plan.basic) return handle;
    set(handle, CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC)); // goes out unasked
    set(handle, CURLOPT_PROXYUSERNAME, bench::user);
    set(handle, CURLOPT_PROXYPASSWORD, bench::password);
    return handle;
}

/// The tunnel's socket, as whoever goes on with it needs it.
curl_socket_t socket_of(easy_handle const& handle)
{
    curl_socket_t socket = CURL_SOCKET_BAD;
    expect(curl_easy_getinfo(handle.get(), CURLINFO_ACTIVESOCKET, &socket), "CURLINFO_ACTIVESOCKET");
    if (socket == CURL_SOCKET_BAD) throw failure{"there is no tunnel"};
    return socket;
}

curl_socket_t open(easy_handle const& handle)
{
    expect(curl_easy_perform(handle.get()), "curl_easy_perform");
    return socket_of(handle);
}

/// A handle for each tunnel: the plain way, for nothing else closes what curl_easy_perform has opened.
void open_with_handles(client_plan const& plan, ledger& account)
{
    while (account.begin()) {
        auto const handle = make_handle(plan);
        open(handle);
        account.opened();
    }
}

void drive(CURLM* multi)
{
    for (int running = 1; running != 0;) {
        auto const code = curl_multi_perform(multi, &running);
        if (code != CURLM_OK) throw failure{curl_multi_strerror(code)};
        if (running != 0) curl_multi_poll(multi, nullptr, 0, 10'000, nullptr);
    }
    int left = 0;
    auto const* const message = curl_multi_info_read(multi, &left);
    if (!message || message->msg != CURLMSG_DONE) throw failure{"curl_multi_info_read"};
    expect(message->data.result, "the tunnel");
}

/// One handle for all tunnels, with a multi handle that closes each: what was set up once is not set up
/// again.
void open_with_one_handle(client_plan const& plan, ledger& account)
{
    std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> const multi{curl_multi_init(), curl_multi_cleanup};
    auto const handle = make_handle(plan);
    while (account.begin()) {
        curl_multi_add_handle(multi.get(), handle.get());
        drive(multi.get());
        socket_of(handle);
        account.opened();
        curl_multi_remove_handle(multi.get(), handle.get());
    }
}

void wait_readable(curl_socket_t socket)
{
    pollfd readable{socket, POLLIN, 0};
    bench::checked(::poll(&readable, 1, -1), "poll");
}

void read_octets(client_plan const& plan, ledger& account)
{
    static std::array<char, bench::block_size> block;
    auto const handle = make_handle(plan);
    auto const wish = bench::wish_for(plan);
    auto const socket = open(handle);
    std::size_t n = 0;
    expect(curl_easy_send(handle.get(), wish.data(), wish.size(), &n), "curl_easy_send");
    for (std::uint64_t got = 0; got < plan.octets; got += n) {
        n = 0;
        auto const code = curl_easy_recv(handle.get(), block.data(), block.size(), &n);
        if (code == CURLE_AGAIN)
            wait_readable(socket);
        else
            expect(code, "curl_easy_recv");
        if (got == 0 && n != 0) account.begin_octets();
    }
    account.end_octets();
}

void run(client_plan const& plan, ledger& account)
{
    if (plan.octets != 0) return read_octets(plan, account);
    if (plan.mode == "one-handle") return open_with_one_handle(plan, account);
    if (plan.mode == "handles") return open_with_handles(plan, account);
    throw failure{"the modes are one-handle and handles"};
}

} // namespace

int main(int argc, char** argv)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int const status = bench::run_client(argc, argv, run);
    curl_global_cleanup();
    return status;
}
