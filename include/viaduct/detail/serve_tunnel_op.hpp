#ifndef VIADUCT_DETAIL_SERVE_TUNNEL_OP_HPP
#define VIADUCT_DETAIL_SERVE_TUNNEL_OP_HPP

#include <viaduct/detail/admit_op.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/opening.hpp>
#include <viaduct/detail/stable_op.hpp>
#include <viaduct/net/any_stream.hpp>
#include <viaduct/relay/relay.hpp>
#include <viaduct/server/parent_refusal.hpp>
#include <viaduct/server/tunnel_watch.hpp>

#include <memory>
#include <utility>

namespace viaduct::detail {

/// Judge, find out what rules ask for, dial or pass on, accept, relay; or refuse.
class serve_tunnel_op : public one_step_at_a_time
{
public:
    // clang-format off
    struct on_admitted {};
    struct on_resolve {};
    struct on_connect {};
    struct on_dialled {};
    struct on_accepted {};
    struct on_relayed {};
    struct on_rejected {};
    // clang-format on

    serve_tunnel_op(request next, std::shared_ptr<egress const> way, tunnel_watch* watch)
        : way_{std::move(way)},
          watch_{watch},
          facts_{next, way_->wishes},
          socket_{next.get_executor()},
          open_{std::make_unique<opening>(std::move(next), *way_, facts_)}
    {
        if (watch_) watch_->facts_ = &facts_;
    }

    template <class Self>
    void operator()(Self& self)
    {
        if (auto const ec = open_->enter(ticket_)) return refuse(self, ec);
        judge(self);
    }

    template <class Self>
    void operator()(Self& self, on_admitted, error_code ec)
    {
        if (self.cancelled()) return finish(self, net::error::operation_aborted);
        if (ec) return refuse(self, ec);
        go(self);
    }

    template <class Self>
    void operator()(Self& self, on_resolve, error_code ec)
    {
        open_->on_looked_up(ec);
        if (auto const end = open_->end(self.cancelled())) return finish(self, end);
        connect(self);
    }

    template <class Self>
    void operator()(Self& self, on_dialled, error_code ec, tunnel dialled)
    {
        open_->on_asked(ec, dialled.report());
        if (auto const end = open_->end(self.cancelled())) return finish(self, end);
        bool const goes_direct = open_->on_dialled(ec, dialled.report());
        if (!ec) return accept(self, std::move(dialled));
        if (goes_direct) return go_direct(self);
        reject(self, ec, open_->veiled(parent_refusal(ec, dialled.report(), way_->statuses)));
    }

    template <class Self>
    void operator()(Self& self, on_connect, error_code ec, net::ip::tcp::endpoint endpoint)
    {
        facts_.peer = endpoint;
        open_->on_connect_ended(ec);
        if (auto const end = open_->end(self.cancelled())) return finish(self, end);
        if (ec) return leave_direct(self, ec);
        if (way_->guard.leads_back(socket_, endpoint)) return refuse(self, errc::destination_prohibited);
        open_->on_connected(socket_);
        accept(self, {});
    }

    template <class Self>
    void operator()(Self& self, on_accepted, error_code ec, any_stream client)
    {
        if (self.cancelled()) ec = net::error::operation_aborted; // the 200 may have got through
        if (ec) return finish(self, ec);
        client_ = std::move(client);
        facts_.on_open(client_.lowest_layer());
        if (watch_) watch_->on_open();
        if (self.cancelled()) return finish(self, net::error::operation_aborted); // by who was told of it
        auto options = way_->relay;
        options.progress = &facts_.progress;
        ticket_.apply(options);
        if (auto const delays = std::move(delays_))
            options.meters_b_to_a.insert(options.meters_b_to_a.end(), delays->begin(), delays->end());
        // Who waits for the last request of a snapshot waits for no tunnel; but records quote its rules.
        way_ = std::shared_ptr<egress const>{way_->rules, nullptr};
        if (client_.is_plain() && socket_.is_open())
            async_relay(client_.lowest_layer(), socket_, options, self.then(on_relayed{}));
        else
            async_relay(client_, secure(), options, self.then(on_relayed{}));
    }

    template <class Self>
    void operator()(Self& self, on_relayed, error_code ec, relay_result result)
    {
        facts_.on_relayed(result);
        finish(self, ec);
    }

    /// @param again What came next on a connection that the refusal has left open.
    template <class Self>
    void operator()(Self& self, on_rejected, error_code, std::size_t sent, request again = {})
    {
        facts_.on_answered(sent);
        finish(self, open_->refused, std::move(again));
    }

private:
    /// Judges with what is known; finds out what rules ask for beyond it.
    template <class Self>
    void judge(Self& self)
    {
        auto const step = open_->judge.next();
        if (step == admission::step::refuse) return refuse(self, open_->judge.why());
        if (step == admission::step::go) return go(self);
        async_stable<admit_op, void(error_code)>(self.then(on_admitted{}), open_.get(), step);
    }

    /// The rules let it pass.
    template <class Self>
    void go(Self& self)
    {
        if (auto const ec = open_->admit(ticket_)) return refuse(self, ec);
        facts_.on_allowed();
        if (auto const ec = open_->choose_way()) return refuse(self, ec);
        return open_->parents_are_next() ? ask_parents(self) : go_direct(self);
    }

    template <class Self>
    void ask_parents(Self& self)
    {
        if (open_->is_known_prohibited()) return refuse(self, errc::destination_prohibited);
        async_ask_parents(*open_, self.then(on_dialled{}));
    }

    template <class Self>
    void go_direct(Self& self)
    {
        open_->on_direct();
        if (open_->looked_up) return connect(self);
        async_look_up_for_client(*open_, self.then(on_resolve{}));
    }

    /// Dials what has been found, as far as the guard allows it, and nothing else.
    template <class Self>
    void connect(Self& self)
    {
        if (open_->not_found) return leave_direct(self, open_->not_found);
        auto endpoints = allowed_endpoints(std::move(open_->endpoints), way_->guard);
        if (endpoints.empty()) return refuse(self, errc::destination_prohibited);
        async_connect(*open_, socket_, std::move(endpoints), self.then(on_connect{}));
    }

    /// There is no direct way: parents may know one.
    template <class Self>
    void leave_direct(Self& self, error_code why)
    {
        return open_->parents_are_next() ? ask_parents(self) : refuse(self, why);
    }

    template <class Self>
    void accept(Self& self, any_stream upstream)
    {
        if (upstream.is_plain())
            socket_ = upstream.release_socket();
        else
            upstream_ = std::move(upstream);
        tell_upstream();
        auto next = std::move(open_->next);
        auto const more = open_->acceptance();
        facts_.on_accepted(request::acceptance_size() + more.block().size());
        if (way_->delays) delays_ = std::make_unique<delay_pools::meters const>(open_->delays());
        lease_ = open_->conclude();
        open_.reset();
        if (more.empty())
            next.async_accept_tunnel(self.then(on_accepted{}));
        else
            next.async_accept_tunnel(more, self.then(on_accepted{}));
    }

    template <class Self>
    void refuse(Self& self, error_code why)
    {
        why = open_->settle(why);
        auto const answer = open_->answer_to(why, ticket_.retry_after());
        reject(self, why, answer);
    }

    template <class Self>
    void reject(Self& self, error_code why, refusal const& answer)
    {
        open_->refused = why;
        facts_.on_refused(answer, why);
        ticket_.release(); // a slow refusal holds up nobody else
        if (open_->keeps_open(answer.status))
            open_->next.async_challenge(answer, self.then(on_rejected{}));
        else
            open_->next.async_reject(answer, self.then(on_rejected{}));
    }

    template <class Self>
    void finish(Self& self, error_code ec, request again = {})
    {
        if (open_) lease_ = open_->conclude();
        facts_.on_end(ec);
        if (watch_) watch_->facts_ = nullptr;
        self.complete(ec, facts_.record(record_event::end, ec),
                      std::move(again)); // both ends are closed when the handler hears
    }

    /// What its socket is to do in an open tunnel; the options are wishes.
    void tell_upstream()
    {
        error_code ignored;
        auto& socket = socket_.is_open() ? socket_ : upstream_.lowest_layer();
        socket.set_option(net::ip::tcp::no_delay{true}, ignored);
        auto const& wanted = way_->liveness;
        bool const is_system_s = !wanted.probes && wanted.user_timeout.count() == 0; // as sockets begin
        if (!is_system_s) ignored = set_tcp_liveness(socket, wanted);
    }

    /// What leads to the target, as a stream of any kind.
    [[nodiscard]] any_stream& secure()
    {
        if (socket_.is_open()) upstream_ = any_stream{std::move(socket_)};
        return upstream_;
    }

    std::shared_ptr<egress const> way_; // null in an open tunnel, which shares the rules of it
    tunnel_watch* watch_;
    tunnel_facts facts_;
    ticket ticket_;
    any_stream client_;           // once the tunnel is accepted
    net::ip::tcp::socket socket_; // to the target, or to a parent without TLS
    any_stream upstream_;         // to a parent with TLS
    parent_lease lease_;
    std::unique_ptr<delay_pools::meters const> delays_; // until the tunnel is open; null for most
    std::unique_ptr<opening> open_;
};

} // namespace viaduct::detail

#endif
