#ifndef VIADUCT_IMPL_HELPERS_HELPER_VERIFIER_IPP
#define VIADUCT_IMPL_HELPERS_HELPER_VERIFIER_IPP

#include <viaduct/auth/basic.hpp>
#include <viaduct/helpers/helper_verifier.hpp>
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace viaduct {
namespace detail {

[[nodiscard]] inline verification broken_verification(std::string problem)
{
    verification v;
    v.what = verification::kind::broken;
    v.problem = std::move(problem);
    return v;
}

/// A helper's message as a log may hold it.
[[nodiscard]] inline std::string helper_problem(std::string_view message)
{
    std::string text{message.substr(0, 200)};
    std::replace_if(text.begin(), text.end(), characters::is_forbidden_control, ' ');
    return text;
}

/// What a reply says of who the client is.
/** @param otherwise Who it is if the helper names nobody. */
[[nodiscard]] inline verification judge_reply(error_code ec, helper_reply const& reply, std::string otherwise)
{
    if (ec) return broken_verification(ec.message());
    verification v;
    v.problem = helper_problem(reply.message());
    switch (reply.result) {
    case helper_result::ok: {
        auto const named = reply.find("user");
        v.user = named && !named->empty() ? std::string{*named} : std::move(otherwise);
        v.what = verification::kind::accepted;
        if (v.user.empty() || std::any_of(v.user.begin(), v.user.end(), characters::is_forbidden_control))
            return broken_verification("the helper program names no user");
        return v;
    }
    case helper_result::error: return v;
    case helper_result::challenge: v.what = verification::kind::proceed; return v;
    case helper_result::broken: return broken_verification(std::move(v.problem));
    case helper_result::other: break;
    }
    return broken_verification(make_error_code(errc::helper_reply_malformed).message());
}

class basic_helper_verifier final : public verifier
{
public:
    basic_helper_verifier(std::shared_ptr<helper_pool> pool, basic_helper_options const& options)
        : pool_{std::move(pool)},
          case_sensitive_{options.case_sensitive}
    {
        if (auto const realm = quote_helper_word(options.realm))
            challenge_ = "Basic realm=" + *realm + (options.utf8 ? ", charset=\"UTF-8\"" : "");
    }

    [[nodiscard]] std::string_view scheme() const noexcept override { return "Basic"; }
    [[nodiscard]] std::string challenge() override { return challenge_; }
    [[nodiscard]] bool can_be_cached() const noexcept override { return true; }

    void verify(auth_attempt attempt, verify_completion done) override
    {
        auto who = parse_basic_authorization("Basic " + attempt.credentials);
        if (!who || who->user.empty() || who->password.empty()) return done({});
        if (!case_sensitive_)
            std::transform(who->user.begin(), who->user.end(), who->user.begin(), characters::to_lower);
        auto line = escape_helper_word(who->user) + ' ' + escape_helper_word(who->password);
        if (!is_helper_request(line)) return done({}); // it is too long
        pool_->submit(std::move(line), [user = std::move(who->user),
                                        done = std::move(done)](error_code ec, helper_reply reply) {
            auto v = judge_reply(ec, reply, user);
            bool const odd = v.what == verification::kind::proceed;
            done(odd ? broken_verification("the helper program is not one for Basic") : v);
        });
    }

private:
    std::shared_ptr<helper_pool> pool_;
    std::string challenge_;
    bool case_sensitive_;
};

/// NTLM and Negotiate.
class conversation_verifier final : public verifier
{
public:
    conversation_verifier(std::shared_ptr<helper_pool> pool, std::string scheme, bool has_info)
        : pool_{std::move(pool)},
          scheme_{std::move(scheme)},
          has_info_{has_info}
    {}

    [[nodiscard]] std::string_view scheme() const noexcept override { return scheme_; }
    [[nodiscard]] std::string challenge() override { return scheme_; }
    [[nodiscard]] bool needs_connection() const noexcept override { return true; }

    void verify(auth_attempt attempt, verify_completion done) override
    {
        auto kept = std::dynamic_pointer_cast<session>(std::move(attempt.session));
        bool const continues = kept && kept->of == this && kept->reservation;
        if (!is_token(attempt.credentials)) {
            if (continues) kept->reservation.reset();
            return done({});
        }
        if (!continues) {
            kept = std::make_shared<session>();
            kept->of = this;
            kept->reservation = pool_->reserve();
        }
        auto& reservation = *kept->reservation;
        pool_->submit(reservation, (continues ? "KK " : "YR ") + attempt.credentials,
                      [kept = std::move(kept), continues, scheme = scheme_, has_info = has_info_,
                       done = std::move(done)](error_code ec, helper_reply reply) {
                          bool const is_lost = continues && ec == errc::helper_unavailable;
                          auto v = is_lost ? lost() : read(ec, reply, scheme, has_info);
                          if (v.what == verification::kind::proceed)
                              v.session = kept;
                          else
                              kept->reservation.reset();
                          done(std::move(v));
                      });
    }

private:
    struct session final : verifier_session
    {
        conversation_verifier const* of = nullptr;
        std::shared_ptr<helper_reservation> reservation{};
    };

    /// Base64, so that it is one word of one line.
    [[nodiscard]] static bool is_token(std::string_view text) noexcept
    {
        auto const fits = [](char c) {
            return characters::is_alpha(c) || characters::is_digit(c) || c == '+' || c == '/' || c == '=';
        };
        return !text.empty() && text.size() <= max_helper_line - 3 &&
               std::all_of(text.begin(), text.end(), fits);
    }

    /// What has no process to go on in has to begin anew, which a client does when it is refused.
    [[nodiscard]] static verification lost()
    {
        verification v;
        v.problem = "the helper process of the conversation is gone";
        return v;
    }

    [[nodiscard]] static verification read(error_code ec, helper_reply const& reply,
                                           std::string const& scheme, bool has_info)
    {
        auto v = judge_reply(ec, reply, {});
        auto const token = std::string{reply.find("token").value_or("")};
        if (v.what == verification::kind::proceed) {
            if (!is_token(token)) return broken_verification("the helper program gives no token");
            v.challenge = scheme + ' ' + token;
        } else if (v.what == verification::kind::accepted && has_info && is_token(token)) {
            v.info = scheme + ' ' + token; // some helpers write `*` for none
        }
        return v;
    }

    std::shared_ptr<helper_pool> pool_;
    std::string scheme_;
    bool has_info_;
};

/// A hash in a reply; nothing where none is, empty for nobody.
[[nodiscard]] inline std::optional<std::string> ha1_in(helper_reply const& reply)
{
    if (reply.result == helper_result::error) return std::string{};
    auto const found = reply.result == helper_result::other ? reply.text : reply.find("ha1").value_or("");
    std::string hash{found};
    std::transform(hash.begin(), hash.end(), hash.begin(), characters::to_lower);
    bool const fits =
        (hash.size() == 32 || hash.size() == 64) && std::all_of(hash.begin(), hash.end(), characters::is_hex);
    return fits ? std::optional{hash} : std::nullopt;
}

} // namespace detail

VIADUCT_DECL std::shared_ptr<verifier> make_basic_helper_verifier(std::shared_ptr<helper_pool> pool,
                                                                  basic_helper_options options)
{
    return std::make_shared<detail::basic_helper_verifier>(std::move(pool), options);
}

VIADUCT_DECL std::shared_ptr<verifier> make_negotiate_helper_verifier(std::shared_ptr<helper_pool> pool)
{
    return std::make_shared<detail::conversation_verifier>(std::move(pool), "Negotiate", true);
}

VIADUCT_DECL std::shared_ptr<verifier> make_ntlm_helper_verifier(std::shared_ptr<helper_pool> pool)
{
    return std::make_shared<detail::conversation_verifier>(std::move(pool), "NTLM", false);
}

VIADUCT_DECL void lookup_ha1(helper_pool& pool, std::string_view user, std::string_view realm,
                             std::function<void(error_code, std::string)> done)
{
    auto const name = quote_helper_word(user);
    auto const where = quote_helper_word(realm);
    if (!name || !where || name->size() + where->size() >= max_helper_line) return done({}, {});
    pool.submit(*name + ':' + *where, [done = std::move(done)](error_code ec, helper_reply const& reply) {
        if (!ec && reply.result == helper_result::broken) ec = errc::authentication_broken;
        if (ec) return done(ec, {});
        auto const hash = detail::ha1_in(reply);
        done(hash ? error_code{} : make_error_code(errc::helper_reply_malformed), hash.value_or(""));
    });
}

} // namespace viaduct

#endif
