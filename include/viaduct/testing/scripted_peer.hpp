#ifndef VIADUCT_TESTING_SCRIPTED_PEER_HPP
#define VIADUCT_TESTING_SCRIPTED_PEER_HPP

#include <viaduct/detail/asio.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::testing {

/// Plays the other side of a connection by a script: expects octets, replies octets, pauses, ends in every
/// way.
/**
 * @code
 * scripted_peer proxy{std::move(there)};
 * proxy.expect("CONNECT a.example:443 HTTP/1.1\r\n...").reply_split("HTTP/1.1 200 OK\r\n\r\n", 1).start();
 * ... context.run();
 * CHECK(proxy.problem() == "");
 * @endcode
 *
 * Steps are added first, then `start` begins. The peer keeps its stream open after the last step until it is
 * destroyed. An expectation that is not met ends the script and closes the stream, so that the other side
 * does not wait for ever.
 *
 * Everything runs on the stream's executor. Shared objects: unsafe.
 *
 * @tparam Timer Counts the pauses: with `manual_timer` they end when the test moves the clock, and a test of
 * a timeout takes no time.
 */
template <class Stream, class Timer = net::steady_timer>
class scripted_peer
{
public:
    explicit scripted_peer(Stream stream) : state_{std::make_shared<state>(std::move(stream))} {}

    scripted_peer(scripted_peer&&) noexcept = default;
    scripted_peer& operator=(scripted_peer&&) = delete;

    /// Closes the stream.
    ~scripted_peer()
    {
        if (!state_) return;
        state_->steps.clear();
        state_->timer.reset();
        state_->close();
    }

    /// Waits for exactly these octets.
    scripted_peer& expect(std::string octets)
    {
        return add([octets = std::move(octets)](state& s) mutable { s.expect(std::move(octets)); });
    }

    /// Reads up to and including this delimiter, and keeps the octets: see `received`.
    scripted_peer& expect_until(std::string delimiter)
    {
        return add(
            [delimiter = std::move(delimiter)](state& s) mutable { s.expect_until(std::move(delimiter)); });
    }

    /// Waits for the end of the stream.
    scripted_peer& expect_end()
    {
        return add([](state& s) { s.expect_end(); });
    }

    /// Sends these octets.
    scripted_peer& reply(std::string octets)
    {
        return add([octets = std::move(octets)](state& s) mutable { s.reply(std::move(octets)); });
    }

    /// Sends them in pieces of `size`, each in a write of its own.
    scripted_peer& reply_split(std::string_view octets, std::size_t size)
    {
        for (; !octets.empty(); octets.remove_prefix(std::min(size, octets.size())))
            reply(std::string{octets.substr(0, size)});
        return *this;
    }

    /// Does nothing for this time, and keeps the stream open.
    scripted_peer& pause(typename Timer::duration time)
    {
        return add([time](state& s) { s.pause(time); });
    }

    /// Sends the end of the stream.
    scripted_peer& shutdown()
    {
        return add([](state& s) { s.shutdown(); });
    }

    /// Closes.
    scripted_peer& close()
    {
        return add([](state& s) { s.close(); });
    }

    /// Resets.
    scripted_peer& reset()
    {
        return add([](state& s) { s.reset(); });
    }

    /// Begins with the first step.
    void start()
    {
        net::post(state_->stream.get_executor(), [s = state_] { s->next(); });
    }

    /// What was not as expected; empty if everything was, as far as the script has come.
    [[nodiscard]] std::string const& problem() const noexcept { return state_->problem; }

    /// Whether the last step was done.
    [[nodiscard]] bool finished() const noexcept
    {
        return state_->steps.empty() && !state_->under_way && state_->problem.empty();
    }

    /// Whether a pause has begun and not ended: now is the time to move the clock.
    [[nodiscard]] bool pausing() const noexcept { return state_->timer.has_value(); }

    /// What the last `expect_until` read.
    [[nodiscard]] std::string const& received() const noexcept { return state_->received; }

private:
    struct state : std::enable_shared_from_this<state>
    {
        explicit state(Stream s) : stream{std::move(s)} {}

        void next()
        {
            under_way = false;
            if (steps.empty() || !problem.empty()) return;
            auto const step = std::move(steps.front());
            steps.pop_front();
            under_way = true;
            step(*this);
        }

        void fail(std::string why)
        {
            problem = std::move(why);
            close();
        }

        void expect(std::string octets)
        {
            read_while([octets](std::string const& text) { return text.size() < octets.size(); },
                       [octets](state& s) { return s.got == octets; }, "expected '" + octets + '\'');
        }

        void expect_until(std::string delimiter)
        {
            read_while([delimiter](std::string const& text) { return !text.ends_with(delimiter); },
                       [](state& s) {
                           s.received = s.got;
                           return true;
                       },
                       "expected something that ends with '" + delimiter + '\'');
        }

        /// Reads octet by octet, so that nothing beyond the expectation is taken.
        template <class Goes_on, class Is_good>
        void read_while(Goes_on goes_on, Is_good is_good, std::string expectation)
        {
            got.clear();
            read_octet([=, self = this->shared_from_this()](auto again, error_code ec) {
                if (ec)
                    return self->fail(expectation + ", got '" + self->got + "' and then: " + ec.message());
                self->got += self->octet;
                if (goes_on(self->got)) return self->read_octet(again);
                if (!is_good(*self)) return self->fail(expectation + ", got '" + self->got + '\'');
                self->next();
            });
        }

        template <class Then>
        void read_octet(Then then)
        {
            stream.async_read_some(net::buffer(&octet, 1),
                                   [then](error_code ec, std::size_t) { then(then, ec); });
        }

        void expect_end()
        {
            stream.async_read_some(net::buffer(&octet, 1),
                                   [self = this->shared_from_this()](error_code ec, std::size_t) {
                                       if (ec == net::error::eof)
                                           self->next();
                                       else
                                           self->fail("expected the end of the stream, got " +
                                                      (ec ? ec.message() : std::string{"an octet"}));
                                   });
        }

        void reply(std::string octets)
        {
            sending = std::move(octets);
            net::async_write(stream, net::buffer(sending),
                             [self = this->shared_from_this()](error_code ec, std::size_t) {
                                 if (ec)
                                     self->fail("could not reply '" + self->sending + "': " + ec.message());
                                 else
                                     self->next();
                             });
        }

        void pause(typename Timer::duration time)
        {
            timer.emplace(stream.get_executor(), time);
            timer->async_wait([self = this->shared_from_this()](error_code ec) {
                if (ec) return; // the peer is gone
                self->timer.reset();
                self->next();
            });
        }

        void shutdown()
        {
            error_code ignored;
            stream.shutdown(net::socket_base::shutdown_send, ignored);
            next();
        }

        void close()
        {
            error_code ignored;
            stream.close(ignored);
            next();
        }

        void reset()
        {
            error_code ignored;
            stream.set_option(net::socket_base::linger{true, 0}, ignored);
            close();
        }

        Stream stream;
        std::optional<Timer> timer; // while there is a pause
        std::deque<std::function<void(state&)>> steps;
        bool under_way = false;
        std::string problem;
        std::string got; // by the step under way
        std::string received;
        std::string sending;
        char octet = 0;
    };

    template <class Step>
    scripted_peer& add(Step step)
    {
        state_->steps.emplace_back(std::move(step));
        return *this;
    }

    std::shared_ptr<state> state_;
};

} // namespace viaduct::testing

#endif
