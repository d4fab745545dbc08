// A conversation with a proxy ends, whatever the proxy answers, with the same outcome wherever its answers
// are cut; the requests are whole, within their number, and in no answer, nor in what is kept afterwards, is
// a password.

#include "cut_stream.hpp"
#include "target.hpp"
#include <viaduct/auth/basic_authenticator.hpp>
#include <viaduct/auth/bearer.hpp>
#include <viaduct/client/connect_conversation.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fuzz::connect_conversation_target {
namespace {

using namespace viaduct;
using step = connect_conversation::step;

constexpr std::size_t most_connections = 8;

/// A scheme that belongs to its connection, and asks for as many rounds as the proxy likes.
class echo_exchange final : public auth_exchange
{
public:
    void respond(auth_request const&, challenge const* offer, auth_completion done) override
    {
        done({}, "Echo " + (offer && !offer->token68.empty() ? offer->token68 : std::string{"first"}));
    }

    auth_verdict judge(challenge const& offer) override
    {
        return offer.token68.empty() ? auth_verdict::rejected : auth_verdict::proceed;
    }
};

class echo_authenticator final : public authenticator
{
public:
    std::string_view scheme() const noexcept override { return "Echo"; }
    bool binds_connection() const noexcept override { return true; }
    std::unique_ptr<auth_exchange> begin() override { return std::make_unique<echo_exchange>(); }
};

[[nodiscard]] connect_options options_from(unsigned choice)
{
    auto const token = [](auto const& done) { done(error_code{}, std::string{"YWxpY2U6"}); };
    std::vector<proxy_auth::scheme_ptr> schemes{
        std::make_shared<echo_authenticator>(), std::make_shared<bearer_authenticator>(token),
        std::make_shared<basic_authenticator>(credentials{"alice", "secret"})};
    if (choice & 1U) std::swap(schemes.front(), schemes.back());
    connect_options options;
    options.auth = std::make_shared<proxy_auth>(schemes);
    if (choice & 2U) options.auth->begin_with(schemes.front());
    if (choice & 4U) options.limits = {120, 60, 4};
    if (choice & 8U) options.max_drain = options.max_body = 7;
    return options;
}

/// What comes of one conversation.
struct outcome
{
    error_code error{};
    unsigned status = 0;
    std::string heads{};
    std::string body{};
    std::string said{}; ///< All requests.
    std::size_t attempts = 0;
    std::size_t connections = 0;
    bool failed = false; ///< Whether a read or write failed.

    friend bool operator==(outcome const&, outcome const&) = default;
};

/// Both parties. The proxy's part is its answers, with a `^` between two of them and a `~` between
/// connections.
class conversation
{
public:
    conversation(std::string_view script, bool closes, connect_options const& options, stream_habits habits)
        : rest_{script},
          closes_{closes},
          habits_{habits},
          talk_{{"broker.example", 8883}, options}
    {}

    [[nodiscard]] outcome play()
    {
        do {
            answers_ = take_until(rest_, '~');
            stream_.reset();
            for (auto next = talk_.begin(); next != step::done;)
                next = follow(next);
            ++result_.connections;
        } while (talk_.error() == errc::reconnect_required && result_.connections < most_connections);
        auto const& reply = talk_.reply();
        result_.error = talk_.error();
        result_.status = reply.status;
        result_.heads = reply.heads;
        result_.body = reply.body;
        result_.attempts = reply.attempts.size();
        if (result_.attempts != 0) must(talk_.handshake().request().empty(), "the last request is erased");
        return result_;
    }

private:
    [[nodiscard]] step follow(step next)
    {
        if (next == step::ask) {
            must(!stream_ || stream_->rest().empty(), "nobody asks where there is something left to read");
            stream_.emplace(take_until(answers_, '^'), habits_);
            return talk_.on_answer(run(talk_.handshake()));
        }
        if (next == step::drain) {
            auto const ec = run(talk_.body());
            bool const closed = closes_ && answers_.empty();
            return talk_.on_drained(ec, stream_->rest().empty() && !closed);
        }
        std::optional<std::pair<error_code, std::string>> answer;
        talk_.authorize([&](error_code ec, std::string value) { answer.emplace(ec, std::move(value)); });
        must(answer.has_value(), "a scheme answers at once");
        return talk_.on_authorized(answer->first, answer->second);
    }

    template <class Rule>
    [[nodiscard]] error_code run(Rule& rule)
    {
        auto const played = stream_->run(rule);
        result_.said += played.written;
        result_.failed = result_.failed || played.failed;
        if (played.failed) habits_.fails_at = 0; // the next connection is a good one
        return played.error;
    }

    std::string_view rest_;
    std::string_view answers_; // on this connection, and not given yet
    bool closes_;              // with the last answer of a connection
    stream_habits habits_;
    connect_conversation talk_;
    std::optional<cut_stream> stream_;
    outcome result_;
};

[[nodiscard]] std::size_t count(std::string_view text, std::string_view word)
{
    std::size_t n = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1))
        ++n;
    return n;
}

void check_outcome(outcome const& all, connect_options const& options, std::string_view input)
{
    must(all.attempts <= options.max_attempts, "there is an end to requests", input);
    must(all.connections <= options.max_attempts + 1, "and to connections", input);
    must(all.body.size() <= options.max_body, "and to content", input);
    must((all.status / 100 == 2) == !all.error, "a tunnel is open if its status says so", input);
    auto const requests = count(all.said, "CONNECT broker.example:8883 HTTP/1.1\r\n");
    must(requests == all.attempts || (all.failed && requests + 1 == all.attempts), "an attempt is a request",
         all.said);
    must(count(all.said, "\r\n\r\n") == requests, "which is whole", all.said);
    must(count(all.said, "\r\nProxy-Authorization: ") <= all.attempts, "and has one answer to a challenge",
         all.said);
    bool const told = all.heads.find("YWxpY2U6") != all.heads.npos && input.find("YWxpY2U6") == input.npos;
    must(!told, "what is kept holds no credentials", all.heads);
}

void check(std::string_view input)
{
    auto const choice = take_octet(input);
    stream_habits const habits{input};
    bool const closes = (choice & 16U) != 0;
    auto const whole = conversation{input, closes, options_from(choice), {}}.play();
    auto const cut = conversation{input, closes, options_from(choice), habits}.play();
    check_outcome(whole, options_from(choice), input);
    check_outcome(cut, options_from(choice), input);
    must(cut.failed || cut == whole, "cuts change nothing", input);
}

target const self{"connect_conversation", check};

} // namespace
} // namespace fuzz::connect_conversation_target
