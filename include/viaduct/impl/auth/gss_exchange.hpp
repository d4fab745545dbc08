#ifndef VIADUCT_IMPL_AUTH_GSS_EXCHANGE_HPP
#define VIADUCT_IMPL_AUTH_GSS_EXCHANGE_HPP

#include <viaduct/auth/authenticator.hpp>
#include <viaduct/impl/auth/base64.hpp>
#include <viaduct/impl/auth/gss_context.hpp>
#include <viaduct/impl/auth/helper_threads.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::detail {

/// What the exchanges of one authenticator share, and keep when it is gone.
class gss_party
{
public:
    explicit gss_party(gss_terms terms) : credentials_{std::move(terms)} {}

    [[nodiscard]] gss_terms const& terms() const noexcept { return credentials_.terms(); }
    [[nodiscard]] gss_credentials& source() noexcept { return credentials_; }

    void note_failure(std::string why)
    {
        std::lock_guard const lock{mutex_};
        last_failure_ = std::move(why);
    }

    [[nodiscard]] std::string last_failure() const
    {
        std::lock_guard const lock{mutex_};
        return last_failure_;
    }

private:
    gss_credentials credentials_;
    std::mutex mutable mutex_; // of what follows
    std::string last_failure_;
};

/// One exchange's context, shared with the thread that works on it and may be held up there.
class gss_conversation
{
public:
    explicit gss_conversation(std::shared_ptr<gss_party> party)
        : party_{std::move(party)},
          context_{party_->source()}
    {}

    [[nodiscard]] bool wants_more() const noexcept { return wants_more_; }

    /// Nobody waits any more: what is still queued need not ask anybody.
    void abandon() noexcept { abandoned_ = true; }

    /// Called by a helper thread: makes the value for the first request, or for the one that answers `token`.
    void answer(std::string const& host, std::optional<std::string> const& token, auth_completion const& done)
    {
        if (abandoned_) return;
        auto leg = take(host, token);
        if (!leg.error && leg.token.empty())
            leg = {errc::challenge_invalid, {}, "the proxy asks on, but everything has been said"};
        if (leg.error) party_->note_failure(std::move(leg.why));
        done(leg.error, leg.error ? std::string{} : party_->terms().scheme + ' ' + base64_encode(leg.token));
    }

    /// The proxy's last token, which came with its consent; making sense of it asks nobody.
    void finish(std::string_view token)
    {
        std::unique_lock const lock{mutex_, std::try_to_lock};
        if (!lock || !context_.wants_more()) return;
        auto const octets = base64_decode(token);
        auto const leg = octets && !octets->empty() ? context_.go_on(*octets)
                                                    : gss_leg{errc::challenge_invalid, {}, "no base64"};
        wants_more_ = context_.wants_more();
        if (leg.error) party_->note_failure("the proxy has not proved who it is: " + leg.why);
    }

private:
    [[nodiscard]] gss_leg take(std::string const& host, std::optional<std::string> const& token)
    {
        std::lock_guard const lock{mutex_};
        auto leg = token ? context_.go_on(*token) : context_.begin(host);
        wants_more_ = context_.wants_more();
        return leg;
    }

    std::shared_ptr<gss_party> party_;
    std::mutex mutex_; // of the context
    gss_context context_;
    std::atomic<bool> wants_more_{false};
    std::atomic<bool> abandoned_{false};
};

/// One tunnel's conversation, by any mechanism of GSSAPI whose tokens travel as a token68.
class gss_exchange final : public auth_exchange
{
public:
    explicit gss_exchange(std::shared_ptr<gss_party> party)
        : party_{std::move(party)},
          conversation_{std::make_shared<gss_conversation>(party_)}
    {}

    ~gss_exchange() override { conversation_->abandon(); }

    void respond(auth_request const& request, challenge const* offer, auth_completion done) override
    {
        std::optional<std::string> token; // what comes before the first answer was meant for somebody else
        if (begun_) {
            token = offer && conversation_->wants_more() ? base64_decode(offer->token68) : std::nullopt;
            if (!token || token->empty())
                return fail(done, errc::challenge_invalid, "no token to go on with");
        }
        auto host = party_->terms().host.empty() ? request.host : party_->terms().host;
        if (!begun_ && host.empty())
            return fail(done, errc::credentials_unavailable, "the proxy has no name to ask a ticket for");
        begun_ = true;
        ask(std::move(host), std::move(token), std::move(done));
    }

    [[nodiscard]] auth_verdict judge(challenge const& offer) override
    {
        bool const goes_on = !offer.token68.empty() && conversation_->wants_more();
        return goes_on ? auth_verdict::proceed : auth_verdict::rejected;
    }

    void accepted(field_list answer) override
    {
        for (auto const name : {"Proxy-Authenticate", "Proxy-Authentication-Info"})
            for (auto const& offer : parse_challenges(answer, name))
                if (offer.is(party_->terms().scheme) && !offer.token68.empty())
                    return conversation_->finish(offer.token68);
    }

private:
    void ask(std::string host, std::optional<std::string> token, auth_completion done)
    {
        auto const submitted = helper_threads::instance().submit(
            [conversation = conversation_, host = std::move(host), token = std::move(token), done] {
                conversation->answer(host, token, done);
            });
        if (submitted) return;
        auto const no_thread = make_error_code(error_types::errc::resource_unavailable_try_again);
        fail(done, no_thread, "the system gives no thread to ask on");
    }

    void fail(auth_completion const& done, error_code ec, std::string why)
    {
        party_->note_failure(std::move(why));
        done(ec, {});
    }

    std::shared_ptr<gss_party> party_;
    std::shared_ptr<gss_conversation> conversation_;
    bool begun_ = false;
};

} // namespace viaduct::detail

#endif
