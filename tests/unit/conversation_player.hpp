#ifndef VIADUCT_TESTS_CONVERSATION_PLAYER_HPP
#define VIADUCT_TESTS_CONVERSATION_PLAYER_HPP

#include <viaduct/client/connect_conversation.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Plays whole conversations with a proxy, over as many connections as they take, without any of them.
namespace fixture {

using viaduct::action;
using viaduct::auth_completion;
using viaduct::auth_verdict;
using viaduct::challenge;
using viaduct::connect_conversation;
using viaduct::connect_options;
using viaduct::errc;
using viaduct::error_code;

inline viaduct::authority const target{"broker.example", 8883};

/// What a proxy does on one connection.
/** Each request gets the next answer, whatever it says; behind the last one comes the end of the stream. */
struct connection
{
    std::vector<std::string> answers{};
    bool closes = false; ///< The end comes with the last answer, and not only to one more request.
};
using connections = std::vector<connection>;

inline error_code const reset_by_peer = make_error_code(viaduct::error_types::errc::connection_reset);

struct conditions
{
    std::size_t cut_at = 0;                    ///< No read crosses this position, over all answers taken.
    std::size_t pieces_of = std::string::npos; ///< No read gets more octets.
    std::size_t fails_at = 0;                  ///< Which read or write fails, over all connections; 0 none.
    bool stays_down = false;                   ///< All later ones fail as well.
    error_code failure = reset_by_peer;
};

/// All that can be told about a conversation afterwards.
struct outcome
{
    error_code error{};                ///< `reconnect_required` if it wants more connections than there are.
    std::vector<std::string> said;     ///< Each request: `1: Basic abc`, connection and credentials.
    std::vector<std::string> attempts; ///< As the reply has them: `Basic 407`.
    unsigned status = 0;
    std::string body{};
    std::string heads{};
    unsigned interim = 0;
    std::string left{};   ///< What nobody has read on the last connection.
    std::string leaked{}; ///< The octets of the last request, where it was not erased.
    std::size_t made = 0; ///< Connections.
    std::size_t steps = 0;

    bool operator==(outcome const& o) const
    {
        return error == o.error && said == o.said && attempts == o.attempts && status == o.status &&
               body == o.body && heads == o.heads && interim == o.interim && left == o.left && made == o.made;
    }
};

/// Where requests go to and answers come from.
class network
{
public:
    network(connections const& all, conditions const& how) : all_{all}, how_{how} {}

    [[nodiscard]] bool connect()
    {
        bool const down = how_.stays_down && steps_ >= how_.fails_at;
        if (!down && number_ == all_.size()) return false;
        current_ = number_ < all_.size() ? all_[number_] : connection{};
        ++number_;
        answered_ = 0;
        arrived_.clear();
        return true;
    }

    /// Drives a rule to its end.
    template <class Rule>
    [[nodiscard]] error_code run(Rule& rule)
    {
        auto next = rule.resume({}, 0);
        while (!next.is_done()) {
            if (++steps_ > 100'000) throw std::logic_error{"this would go on for ever"};
            bool const fails = steps_ == how_.fails_at || (how_.stays_down && steps_ > how_.fails_at);
            if (fails)
                next = rule.resume(how_.failure, 0);
            else if (next.what == action::kind::write)
                next = rule.resume({}, write(next.output));
            else
                next = take(rule, next.input);
        }
        return next.error;
    }

    /// Whether the connection has nothing to read, the end of the stream included.
    [[nodiscard]] bool idle() const
    {
        return arrived_.empty() && !(current_.closes && answered_ == current_.answers.size());
    }

    std::function<std::string(std::string const&)> show{}; ///< How credentials appear in `said()`.

    [[nodiscard]] std::vector<std::string> const& said() const { return said_; }
    [[nodiscard]] std::string const& left() const { return arrived_; }
    [[nodiscard]] std::size_t made() const { return number_; }
    [[nodiscard]] std::size_t steps() const { return steps_; }

private:
    std::size_t write(std::string_view request)
    {
        CHECK(request.substr(0, 28) == "CONNECT broker.example:8883 ");
        CHECK(request.substr(request.size() - 4) == "\r\n\r\n");
        static constexpr std::string_view name = "\r\nProxy-Authorization: ";
        auto const at = request.find(name);
        std::string value{"-"};
        if (at != std::string_view::npos) {
            value = request.substr(at + name.size());
            value.resize(value.find("\r\n"));
            if (show) value = show(value);
        }
        said_.push_back(std::to_string(number_) + ": " + value);
        if (answered_ < current_.answers.size()) arrived_ += current_.answers[answered_++];
        return request.size();
    }

    template <class Rule>
    [[nodiscard]] action take(Rule& rule, std::span<char> into)
    {
        if (into.empty()) throw std::logic_error{"a read into no memory"};
        if (arrived_.empty() && answered_ < current_.answers.size())
            throw std::logic_error{"a read for which nobody has asked"};
        auto n = std::min(how_.pieces_of, arrived_.size());
        if (taken_ < how_.cut_at) n = std::min(n, how_.cut_at - taken_);
        n = arrived_.copy(into.data(), std::min(n, into.size()));
        auto const next = rule.resume({}, n);
        if (n == 0) return next;
        if (rule.surplus() > n || (rule.surplus() == n && !next.is_done()))
            throw std::logic_error{"the same octets would come back for ever"};
        taken_ += n - rule.surplus();
        arrived_.erase(0, n - rule.surplus());
        return next;
    }

    connections const& all_;
    conditions how_;
    std::size_t number_ = 0; // of the connection, from 1
    connection current_;
    std::size_t answered_ = 0;
    std::string arrived_; // and not taken
    std::size_t taken_ = 0;
    std::size_t steps_ = 0;
    std::vector<std::string> said_;
};

/// Who talks; made anew for each time a conversation is played.
struct talker
{
    std::function<connect_options()> options;
    std::function<std::string(std::string const&)> show{};
};

/// Takes one step on one connection.
[[nodiscard]] inline connect_conversation::step follow(connect_conversation& talk, network& net,
                                                       connect_conversation::step next)
{
    using step = connect_conversation::step;
    if (next == step::ask) return talk.on_answer(net.run(talk.handshake()));
    if (next == step::drain) {
        auto const ec = net.run(talk.body());
        return talk.on_drained(ec, net.idle());
    }
    std::optional<std::pair<error_code, std::string>> answer;
    talk.authorize([&](error_code ec, std::string value) { answer.emplace(ec, std::move(value)); });
    REQUIRE(answer);
    return talk.on_authorized(answer->first, answer->second);
}

[[nodiscard]] inline outcome play(connections const& all, talker const& who, conditions const& how = {})
{
    auto const options = who.options();
    connect_conversation talk{target, options};
    network net{all, how};
    net.show = who.show;
    bool asked = false;
    do {
        if (!net.connect()) break;
        for (auto next = talk.begin(); next != connect_conversation::step::done;) {
            asked = asked || next == connect_conversation::step::ask;
            next = follow(talk, net, next);
        }
    } while (talk.error() == errc::reconnect_required);

    auto const& reply = talk.reply();
    outcome result;
    result.error = talk.error();
    result.said = net.said();
    result.status = reply.status;
    result.body = reply.body;
    result.heads = reply.heads;
    result.interim = reply.interim;
    if (reply.status != 0) result.left = net.left(); // nobody reads on behind a broken head
    result.made = net.made();
    result.steps = net.steps();
    for (auto const& attempt : reply.attempts)
        result.attempts.push_back(attempt.scheme + ' ' + std::to_string(attempt.status));
    if (asked) result.leaked = talk.handshake().request();
    CHECK(reply.attempts.size() <= options.max_attempts);
    CHECK(reply.body.size() <= options.max_body);
    return result;
}

/// Plays it cut at every octet, octet by octet, and with failures; returns what comes of it undisturbed.
[[nodiscard]] inline outcome converse(connections const& all, talker const& who)
{
    auto const whole = play(all, who);
    CHECK(play(all, who, {.pieces_of = 1}) == whole);
    std::size_t size = 0;
    for (auto const& one : all)
        for (auto const& answer : one.answers)
            size += answer.size();
    for (std::size_t at = 1; at < size; ++at) {
        INFO("cut at ", at);
        CHECK(play(all, who, {.cut_at = at}) == whole);
    }
    for (std::size_t n = 1; n <= whole.steps; ++n) {
        INFO("failing at ", n);
        auto const down = play(all, who, {.fails_at = n, .stays_down = true});
        CHECK(bool(down.error)); // whatever was tried after it
        CHECK(down.error != errc::reconnect_required);
        auto const hiccup = play(all, who, {.fails_at = n});
        CHECK((!hiccup.error) == (hiccup.status / 100 == 2));
    }
    return whole;
}

/// A scheme that is told what to do. Its answers are `NAME EXCHANGE.LEG`, and ` of TOKEN` of the challenge.
struct behaviour
{
    std::string name{};
    bool begins = true;         ///< Without a challenge.
    bool bound = false;         ///< To its connection, as NTLM is.
    error_code fails{};         ///< Here, before anything is sent,
    bool fails_unasked = false; ///< or only without a challenge.
    unsigned legs = 1;          ///< How many answers the proxy may ask for in one exchange.
    std::function<int(challenge const&)> strength = [](challenge const&) { return 1; };
};

class fake_authenticator final : public viaduct::authenticator
{
public:
    explicit fake_authenticator(behaviour how) : how_{std::move(how)} {}

    [[nodiscard]] std::string_view scheme() const noexcept override { return how_.name; }
    [[nodiscard]] int strength(challenge const& offer) const override { return how_.strength(offer); }
    [[nodiscard]] bool can_begin() const override { return how_.begins; }
    [[nodiscard]] bool binds_connection() const noexcept override { return how_.bound; }
    [[nodiscard]] std::string last_failure() const override
    {
        return how_.fails ? how_.name + " is ill" : "";
    }
    [[nodiscard]] std::unique_ptr<viaduct::auth_exchange> begin() override
    {
        return std::make_unique<exchange>(*this, ++begun);
    }

    unsigned begun = 0;
    unsigned opened = 0; ///< How many tunnels its exchanges were told of.

private:
    class exchange final : public viaduct::auth_exchange
    {
    public:
        exchange(fake_authenticator& of, unsigned number) : of_{&of}, number_{number} {}

        void respond(viaduct::auth_request const& request, challenge const* offer,
                     auth_completion done) override
        {
            CHECK(request.method == "CONNECT");
            CHECK(request.uri == "broker.example:8883");
            bool const fails = of_->how_.fails && !(offer && of_->how_.fails_unasked);
            if (fails) return done(of_->how_.fails, {});
            ++leg_;
            auto value = of_->how_.name + ' ' + std::to_string(number_) + '.' + std::to_string(leg_);
            auto const token =
                offer ? offer->token68.empty() ? offer->find("nonce").value_or("") : offer->token68
                      : std::string_view{};
            done({}, token.empty() ? value : value + " of " + std::string{token});
        }

        [[nodiscard]] auth_verdict judge(challenge const& offer) override
        {
            bool const stale = offer.find("stale") == "true";
            bool const more = !offer.token68.empty() && leg_ < of_->how_.legs;
            return stale || more ? auth_verdict::proceed : auth_verdict::rejected;
        }

        void accepted(viaduct::field_list) override { ++of_->opened; }

    private:
        fake_authenticator* of_;
        unsigned number_;
        unsigned leg_ = 0;
    };

    behaviour how_;
};

[[nodiscard]] inline std::shared_ptr<fake_authenticator> fake(behaviour how)
{
    return std::make_shared<fake_authenticator>(std::move(how));
}

/// Somebody with these schemes.
[[nodiscard]] inline talker with(std::vector<behaviour> schemes)
{
    return {[schemes = std::move(schemes)] {
        std::vector<viaduct::proxy_auth::scheme_ptr> made;
        for (auto const& how : schemes)
            made.push_back(fake(how));
        return connect_options{.auth = std::make_shared<viaduct::proxy_auth>(std::move(made))};
    }};
}

/// The same, and the options changed.
[[nodiscard]] inline talker with(talker const& who, std::function<void(connect_options&)> const& change)
{
    return {[who, change] {
                auto options = who.options();
                change(options);
                return options;
            },
            who.show};
}

[[nodiscard]] inline behaviour basic()
{
    return {.name = "Basic"};
}

[[nodiscard]] inline behaviour ntlm()
{
    return {.name = "NTLM", .bound = true, .legs = 2};
}

inline std::string const opened = "HTTP/1.1 200 Connection established\r\n\r\n";

/// A 407 without content: challenges, each in a line of its own, and further lines.
[[nodiscard]] inline std::string asks(std::vector<std::string> const& challenges,
                                      std::string const& more = "Content-Length: 0\r\n",
                                      std::string const& version = "1.1")
{
    auto head = "HTTP/" + version + " 407 Who are you?\r\n";
    for (auto const& one : challenges)
        head += "Proxy-Authenticate: " + one + "\r\n";
    return head + more + "\r\n";
}

using said = std::vector<std::string>;

} // namespace fixture

#endif
