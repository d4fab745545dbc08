#ifndef VIADUCT_TESTING_DETAIL_PROXY_SESSION_HPP
#define VIADUCT_TESTING_DETAIL_PROXY_SESSION_HPP

#include <viaduct/net/async_resolve.hpp>
#include <viaduct/net/connect_any.hpp>
#include <viaduct/relay/relay.hpp>
#include <viaduct/server/read_request.hpp>
#include <viaduct/server/refusal.hpp>
#include <viaduct/testing/detail/answer_text.hpp>
#include <viaduct/testing/detail/proxy_connection.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct::testing::detail {

/// One connection, from its first octet to its last.
/** Each step holds the session; one that has been stopped goes on to its end by itself. */
class proxy_session final : public proxy_connection
{
public:
    proxy_session(net::ip::tcp::socket accepted, std::shared_ptr<proxy_shared> with)
        : proxy_connection{std::move(accepted), std::move(with)}
    {
        error_code gone;
        asked_.client = client_.lowest_layer().remote_endpoint(gone);
    }

    void start()
    {
        auto const [number, fault] = with_->book.enter();
        asked_.connection = number;
        if (fault) return strike(*fault);
        with_->tls ? shake_hands() : read();
    }

private:
    /// The handler of a step: it runs unless the session has been stopped, and can be cancelled.
    template <class Step>
    [[nodiscard]] auto then(Step step)
    {
        return net::bind_cancellation_slot(
            cancel_.slot(), [self = std::static_pointer_cast<proxy_session>(shared_from_this()),
                             step](auto&&... outcome) mutable {
                if (!self->stopped_) step(*self, std::forward<decltype(outcome)>(outcome)...);
            });
    }

    void shake_hands()
    {
        auto const with_tls = [](proxy_session& s, error_code ec, any_stream secured, auto&&) {
            if (ec) return;
            s.client_.next_layer() = std::move(secured);
            s.read();
        };
        with_->tls->async_handshake(std::move(client_.next_layer()),
                                    tls_acceptor::completion{then(with_tls), executor_});
    }

    void read()
    {
        async_read_request(
            client_.next_layer(), with_->reading,
            then([](proxy_session& s, error_code ec, connect_request head) { s.take(ec, std::move(head)); }));
    }

    void take(error_code ec, connect_request head)
    {
        asked_.target = head.target ? head.target->text() : head.target_text;
        asked_.method = head.method;
        asked_.fields = head.fields;
        asked_.read_at = head.read_at;
        asked_.error = ec;
        asked_.user.clear();
        asked_.status = head.answered_status;
        head_ = std::move(head);
        if (!ec) return decide();
        if (ec != errc::client_closed_before_head) with_->book.record(asked_);
        leave();
    }

    void decide()
    {
        chosen_ = with_->book.choose(asked_);
        if (!behaviour().requirement) return begin();
        behaviour().requirement->async_authenticate(
            executor_, head_.fields.list(), head_.method, head_.target_text,
            asked_.client.address().to_string(), session_,
            then([](proxy_session& s, error_code ec, authentication_result result) {
                s.judge(ec, std::move(result));
            }));
    }

    void judge(error_code ec, authentication_result result)
    {
        asked_.user = std::move(result.user);
        if (ec) {
            with_->book.put_back(chosen_);
            behaviour() = {.status = 407, .keep_alive = behaviour().keep_alive};
            for (auto& challenge : result.challenges)
                behaviour().fields.emplace_back("Proxy-Authenticate", std::move(challenge));
        } else if (!result.info.empty()) {
            behaviour().fields.emplace_back("Proxy-Authentication-Info", std::move(result.info));
        }
        begin();
    }

    void begin()
    {
        auto const fault = proxy_book::fault_at(behaviour(), proxy_point::head);
        asked_.status = fault || behaviour().garbage ? 0 : behaviour().status;
        number_ = with_->book.record(asked_);
        if (fault) return strike(*fault);
        if (behaviour().garbage || !opens_tunnel(behaviour())) return answer({});
        if (behaviour().leads_to) return connect({*behaviour().leads_to});
        async_resolve(*with_->names, executor_, head_.target->host(), head_.target->port(),
                      then([](proxy_session& s, error_code ec, std::vector<net::ip::tcp::endpoint> found) {
                          ec ? s.refuse(ec) : s.connect(std::move(found));
                      }));
    }

    void connect(std::vector<net::ip::tcp::endpoint> where)
    {
        async_connect_any(target_, std::move(where), {},
                          then([](proxy_session& s, error_code ec, net::ip::tcp::endpoint reached) {
                              ec ? s.refuse(ec) : s.connected(reached);
                          }));
    }

    /// What a good proxy says when it cannot reach the target.
    void refuse(error_code ec)
    {
        auto const why = refusal_for(ec);
        behaviour().status = why.status;
        behaviour().body = why.content;
        with_->book.set_status(number_, why.status);
        answer({});
    }

    void connected(net::ip::tcp::endpoint const& reached)
    {
        error_code gone;
        target_.set_option(net::ip::tcp::no_delay{true}, gone);
        tunnel_ = with_->book.record(proxy_tunnel{.target = asked_.target, .origin = reached});
        if (!behaviour().batch) return answer({});
        target_.async_read_some(net::buffer(first_), then([](proxy_session& s, error_code, std::size_t n) {
                                    s.answer({s.first_.data(), n}); // an error comes again in the relay
                                }));
    }

    /// @param first What the target has said already.
    void answer(std::string_view first)
    {
        text_ = answer_text(behaviour());
        answer_size_ = text_.size();
        text_ += first;
        client_.begin_writing(
            {behaviour(), faults_of_writing(behaviour(), answer_size_, tunnel_.has_value())});
        net::async_write(client_, net::buffer(text_),
                         then([](proxy_session& s, error_code ec, std::size_t) { s.answered(ec); }));
    }

    void answered(error_code ec)
    {
        if (client_.struck()) return strike(*client_.struck());
        if (ec || behaviour().garbage || (!opens_tunnel(behaviour()) && !behaviour().keep_alive))
            return leave();
        if (!opens_tunnel(behaviour())) return read();
        relay();
    }

    void relay()
    {
        client_.begin_reading({behaviour(), faults_of_reading(behaviour())});
        client_.on_progress([this] { progress(); });
        progress();
        relay_options endless; // a test's own clocks are the ones to be seen
        endless.idle_timeout = endless.half_close_timeout = std::chrono::milliseconds::zero();
        async_relay(client_, target_, endless, then([](proxy_session& s, error_code ec, relay_result result) {
                        s.relayed(ec, result);
                    }));
    }

    /// Tells what has gone, and ends the relay where the plan is at an end.
    void progress()
    {
        with_->book.count(*tunnel_, client_.read(), client_.written() - answer_size_);
        if (!client_.struck() || std::exchange(ending_, true)) return;
        net::post(executor_,
                  then([](proxy_session& s) { s.cancel_.emit(net::cancellation_type::terminal); }));
    }

    void relayed(error_code ec, relay_result const& result)
    {
        if (client_.struck()) return strike(*client_.struck());
        auto const how = !ec                              ? proxy_tunnel_end::closed
                         : result.end == relay_end::reset ? proxy_tunnel_end::reset
                                                          : proxy_tunnel_end::failed;
        end_tunnel(how, ec);
        close();
    }

    [[nodiscard]] proxy_behaviour& behaviour() noexcept { return chosen_.what; }

    bool ending_ = false;
    proxy_request asked_{};
    connect_request head_{};
    authentication_session session_{};
    chosen_behaviour chosen_{};
    std::size_t number_ = 0;
    std::string text_{};
    std::size_t answer_size_ = 0;
    std::array<char, 16 * 1024> first_{};
};

} // namespace viaduct::testing::detail

#endif
