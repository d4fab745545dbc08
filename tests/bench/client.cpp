#include "client.hpp"

#include "origin.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <sys/socket.h>
#include <thread>

namespace bench {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t message_size = 64;
constexpr std::size_t block_size = 256 * 1024;
constexpr unsigned opening_at_once = 64;

enum class phase
{
    free,
    connecting,
    asking,
    proving,
    open,
    transferring,
    confirming,
    finished
};

struct connection
{
    descriptor socket;
    phase now = phase::free;
    std::string head;       // what has come of the answer to CONNECT
    unsigned got = 0;       // octets of the message that is being read
    std::uint64_t left = 0; // octets of bulk
    steady::time_point since;
};

/// How much of something the thread with this index does.
std::uint64_t share(std::uint64_t whole, unsigned index, unsigned parts)
{
    return whole / parts + (index < whole % parts ? 1 : 0);
}

std::string request_for(std::string const& authority)
{
    return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n";
}

/// The tunnels of one thread.
class load_worker
{
public:
    load_worker(load_plan const& plan, unsigned index, steady::time_point deadline)
        : plan_{plan},
          deadline_{deadline},
          to_do_{share(plan.count, index, plan.threads)},
          connections_(share(plan.tunnels, index, plan.threads))
    {
        if (plan.mode == load_mode::ping || plan.mode == load_mode::setup)
            result_.nanoseconds.reserve(to_do_);
        std::memset(block_.data(), wish::echo, block_.size());
        for (unsigned i = 0; plan.target && i < plan.spread; ++i)
            requests_.push_back(request_for(to_string(shifted(*plan.target, i))));
    }

    /// Opens every tunnel, each with one octet there and back where the origin is to echo.
    void open()
    {
        while (open_ < connections_.size()) {
            while (next_ < connections_.size() && next_ - open_ < opening_at_once)
                start(next_++);
            step();
        }
    }

    void run_setup()
    {
        for (std::size_t i = 0; i < connections_.size() && started_ < to_do_; ++i, ++started_)
            start(i);
        while (result_.done < to_do_)
            step();
    }

    void run_ping()
    {
        for (auto& c : connections_)
            if (started_ < to_do_) send_message(c);
        while (result_.done < to_do_)
            step();
    }

    void run_bulk()
    {
        for (std::size_t i = 0; i < connections_.size(); ++i)
            start_bulk(i);
        while (finished_ < connections_.size())
            step();
    }

    /// Fails if one of the tunnels has ended by itself.
    void expect_all_open()
    {
        char octet;
        for (auto& c : connections_)
            if (::recv(c.socket.get(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN)
                throw failure{"a tunnel that was idle has ended"};
    }

    [[nodiscard]] load_result& result() noexcept { return result_; }

private:
    void step()
    {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - steady::now()).count();
        if (left <= 0) throw failure{"not done within " + std::to_string(plan_.limit.count()) + " s"};
        poller_.wait(int(left), [this](std::uint64_t index, std::uint32_t) { go_on(index); });
    }

    void go_on(std::size_t index)
    {
        auto& c = connections_[index];
        switch (c.now) {
        case phase::connecting: ask(index); break;
        case phase::asking: read_answer(index); break;
        case phase::proving: read_proof(index); break;
        case phase::open: read_message(c); break;
        case phase::transferring: plan_.up ? send_block(index) : receive_block(c); break;
        case phase::confirming: read_confirmation(c); break;
        case phase::free:
        case phase::finished: break;
        }
    }

    // ---- opening

    /// Edge-triggered for both directions from the start: no further call is needed on the way to the open
    /// tunnel.
    void start(std::size_t index)
    {
        auto& c = connections_[index];
        c = connection{};
        c.since = steady::now();
        c.socket =
            descriptor{checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket")};
        auto const door = plan_.target ? plan_.door : shifted(plan_.door, unsigned(index % plan_.spread));
        auto const* where = reinterpret_cast<sockaddr const*>(&door);
        if (::connect(c.socket.get(), where, sizeof door) != 0 && errno != EINPROGRESS)
            checked(-1, "connect");
        c.now = phase::connecting;
        poller_.add(c.socket.get(), EPOLLIN | EPOLLOUT | EPOLLET, index);
        ask(index);
    }

    void ask(std::size_t index)
    {
        auto& c = connections_[index];
        if (!plan_.target) return prove(index);
        auto const& request = requests_[index % requests_.size()];
        if (send_first(c, request.data(), request.size())) c.now = phase::asking;
    }

    /// Nothing follows the head before this side has spoken, so no octet of a tunnel can be taken for one of
    /// the head.
    void read_answer(std::size_t index)
    {
        auto& c = connections_[index];
        auto const got = receive(c, block_.data(), block_size, "reading the answer to CONNECT");
        if (got < 0) return;
        c.head.append(block_.data(), std::size_t(got));
        if (!c.head.ends_with("\r\n\r\n"))
            return read_answer(index); // edge-triggered: until there is nothing
        if (!c.head.starts_with("HTTP/1.") || c.head.compare(8, 5, " 200 ") != 0)
            throw failure{"the answer to CONNECT is " + c.head.substr(0, c.head.find('\r'))};
        c.head = {};
        prove(index);
    }

    void prove(std::size_t index)
    {
        auto& c = connections_[index];
        if (plan_.mode == load_mode::bulk)
            opened(c);
        else if (send_first(c, &wish::echo, 1))
            c.now = phase::proving;
    }

    void read_proof(std::size_t index)
    {
        auto& c = connections_[index];
        char octet;
        if (receive(c, &octet, 1, "waiting for the first octet") < 0) return;
        if (plan_.mode == load_mode::setup)
            end_tunnel(index);
        else
            opened(c);
    }

    void opened(connection& c)
    {
        c.now = phase::open;
        ++open_;
        if (plan_.mode == load_mode::idle) ++result_.done;
    }

    void end_tunnel(std::size_t index)
    {
        auto& c = connections_[index];
        c.socket.reset();
        c.now = phase::free;
        record(c.since);
        if (started_ == to_do_) return;
        ++started_;
        start(index);
    }

    // ---- pings

    void send_message(connection& c)
    {
        ++started_;
        c.got = 0;
        c.since = steady::now();
        if (send(c, block_.data(), message_size, "sending a message") != long{message_size})
            throw failure{"a message did not fit into an empty socket"};
    }

    void read_message(connection& c)
    {
        if (plan_.mode != load_mode::ping) return;
        auto const got = receive(c, block_.data(), message_size - c.got, "waiting for a message");
        if (got < 0) return;
        c.got += unsigned(got);
        if (c.got < message_size) return read_message(c); // edge-triggered: until there is nothing
        record(c.since);
        if (started_ < to_do_) send_message(c);
    }

    void record(steady::time_point since)
    {
        auto const took = std::chrono::duration_cast<std::chrono::nanoseconds>(steady::now() - since).count();
        result_.nanoseconds.push_back(std::uint32_t(std::min<long long>(took, UINT32_MAX)));
        ++result_.done;
    }

    // ---- bulk: level-triggered and one block a turn, so that no tunnel starves another

    void start_bulk(std::size_t index)
    {
        auto& c = connections_[index];
        c.left = plan_.bytes / plan_.tunnels;
        char wanted[wish_size] = {plan_.up ? wish::sink : wish::source};
        for (unsigned i = 1; i < wish_size; ++i)
            wanted[i] = char(c.left >> (8 * (wish_size - 1 - i)));
        if (send(c, wanted, wish_size, "asking the origin") != long{wish_size})
            throw failure{"a wish did not fit into an empty socket"};
        c.now = phase::transferring;
        poller_.change(c.socket.get(), plan_.up ? EPOLLOUT : EPOLLIN, index);
    }

    void send_block(std::size_t index)
    {
        auto& c = connections_[index];
        auto const sent = send(c, block_.data(), std::min<std::uint64_t>(c.left, block_size), "sending");
        count(c, sent);
        if (c.left != 0) return;
        c.now = phase::confirming;
        poller_.change(c.socket.get(), EPOLLIN, index);
    }

    /// MSG_TRUNC throws the octets away without copying them, which leaves more of this CPU to the sender.
    void receive_block(connection& c)
    {
        auto const size = std::min<std::uint64_t>(c.left, block_size * 4);
        count(c, receive(c, block_.data(), size, "receiving", MSG_TRUNC));
        if (c.left == 0) finish(c);
    }

    void read_confirmation(connection& c)
    {
        char octet;
        if (receive(c, &octet, 1, "waiting for the confirmation") == 1) finish(c);
    }

    void count(connection& c, long octets)
    {
        if (octets < 0) return;
        c.left -= std::uint64_t(octets);
        result_.bytes += std::uint64_t(octets);
    }

    void finish(connection& c)
    {
        c.now = phase::finished;
        ++finished_;
        poller_.change(c.socket.get(), 0, 0);
    }

    // ---- sockets

    /// Sends on a connection that may not be there yet: false if it is not.
    bool send_first(connection& c, char const* octets, std::size_t size)
    {
        auto const sent = ::send(c.socket.get(), octets, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) return false;
        if (checked(int(sent), "connecting") != int(size))
            throw failure{"a request did not fit into an empty socket"};
        return true;
    }

    /// Returns -1 where nothing fits.
    long send(connection& c, char const* octets, std::size_t size, char const* what)
    {
        auto const sent = ::send(c.socket.get(), octets, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) checked(-1, what);
        return sent;
    }

    /// Returns -1 where nothing is there; the end is a failure, because nothing that is asked for here ends
    /// early.
    long receive(connection& c, char* where, std::size_t size, char const* what, int flags = 0)
    {
        auto const got = ::recv(c.socket.get(), where, size, flags);
        if (got == 0) throw failure{std::string{what} + ": the connection has ended"};
        if (got < 0 && errno != EAGAIN) checked(-1, what);
        return got;
    }

    load_plan const& plan_;
    steady::time_point deadline_;
    std::uint64_t to_do_;
    std::vector<connection> connections_;
    poller poller_;
    load_result result_;
    std::size_t next_ = 0, open_ = 0, finished_ = 0;
    std::uint64_t started_ = 0;
    std::vector<std::string> requests_;
    std::vector<char> block_ = std::vector<char>(block_size * 4);
};

/// Calls work(worker) for all at the same time, and throws what one of them threw.
template <class Work>
void for_each_thread(std::vector<std::unique_ptr<load_worker>>& workers, Work work)
{
    std::mutex mutex;
    std::exception_ptr error;
    std::vector<std::jthread> threads;
    for (auto& worker : workers)
        threads.emplace_back([&] {
            try {
                work(*worker);
            } catch (...) {
                std::lock_guard const lock{mutex};
                error = std::current_exception();
            }
        });
    threads.clear();
    if (error) std::rethrow_exception(error);
}

void work(load_mode mode, load_worker& worker)
{
    switch (mode) {
    case load_mode::setup: worker.run_setup(); break;
    case load_mode::bulk: worker.run_bulk(); break;
    case load_mode::ping: worker.run_ping(); break;
    case load_mode::idle: break;
    }
}

load_result sum(std::vector<std::unique_ptr<load_worker>>& workers)
{
    load_result all;
    for (auto& worker : workers) {
        auto const& part = worker->result();
        all.done += part.done;
        all.bytes += part.bytes;
        all.nanoseconds.insert(all.nanoseconds.end(), part.nanoseconds.begin(), part.nanoseconds.end());
    }
    return all;
}

} // namespace

void run_load(load_plan const& plan, load_stages const& stages)
{
    auto const deadline = steady::now() + plan.limit;
    std::vector<std::unique_ptr<load_worker>> workers;
    for (unsigned i = 0; i < plan.threads; ++i)
        workers.push_back(std::make_unique<load_worker>(plan, i, deadline));
    if (plan.mode != load_mode::setup) for_each_thread(workers, [](auto& worker) { worker.open(); });
    stages.open();
    auto const begin = steady::now();
    for_each_thread(workers, [&plan](auto& worker) { work(plan.mode, worker); });
    auto result = sum(workers);
    result.seconds = std::chrono::duration<double>(steady::now() - begin).count();
    stages.done(result);
    if (plan.mode == load_mode::idle)
        for_each_thread(workers, [](auto& worker) { worker.expect_all_open(); });
}

} // namespace bench
