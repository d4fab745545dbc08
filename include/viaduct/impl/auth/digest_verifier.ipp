#ifndef VIADUCT_IMPL_AUTH_DIGEST_VERIFIER_IPP
#define VIADUCT_IMPL_AUTH_DIGEST_VERIFIER_IPP

#include <viaduct/auth/digest_verifier.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/impl/auth/auth_params.hpp>
#include <viaduct/impl/auth/constant_time.hpp>
#include <viaduct/impl/auth/digest_reply.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <utility>

namespace viaduct {
namespace detail {

[[nodiscard]] inline std::string_view name_of(digest_algorithm algorithm)
{
    for (auto const& each : digest_names)
        if (each.algorithm == algorithm) return each.name;
    return {};
}

/// What a verifier and the answers of its store, which may outlive it, have in common.
class digest_desk
{
public:
    digest_desk(digest_verifier_options options, std::shared_ptr<digest_store> store)
        : options_{std::move(options)},
          store_{std::move(store)},
          nobody_{make_digest_cnonce()},
          nonces_{options_.nonces}
    {}

    [[nodiscard]] digest_store& store() const noexcept { return *store_; }
    [[nodiscard]] std::string const& realm() const noexcept { return options_.realm; }

    [[nodiscard]] std::vector<std::string> challenges()
    {
        std::vector<std::string> all;
        for (auto const algorithm : options_.algorithms) {
            if (!is_offered(algorithm)) continue;
            if (auto text = challenge(algorithm, false); !text.empty()) all.push_back(std::move(text));
        }
        return all;
    }

    [[nodiscard]] bool is_offered(digest_algorithm algorithm) const
    {
        auto const& listed = options_.algorithms;
        return !is_session(algorithm) && std::find(listed.begin(), listed.end(), algorithm) != listed.end() &&
               store_->has(algorithm, options_.realm) && digest_strength(algorithm) > 0;
    }

    /// Judges an answer by the secret that the store has given.
    [[nodiscard]] verification judge(digest_reply const& reply, digest_answer answer)
    {
        wipe_at_end const wiped{answer.secret};
        verification outcome;
        if (!answer.problem.empty()) {
            outcome.what = verification::kind::broken;
            outcome.problem = std::move(answer.problem);
            return outcome;
        }
        bool const known = !answer.secret.empty();
        auto const& secret = known ? answer.secret : nobody_;
        auto const expected = digest_response(secret, reply.input);
        bool const right = !expected.empty() && constant_time_equal(reply.response, expected);
        if (known && right) let_pass(outcome, reply, secret);
        return outcome;
    }

private:
    [[nodiscard]] std::string new_nonce()
    {
        std::lock_guard const lock{mutex_};
        return nonces_.issue(std::chrono::steady_clock::now());
    }

    [[nodiscard]] nonce_use use(digest_input const& input)
    {
        std::lock_guard const lock{mutex_};
        return nonces_.use(input.nonce, input.nc, std::chrono::steady_clock::now());
    }

    /// Empty if no nonce can be made, or the realm cannot stand in a field.
    [[nodiscard]] std::string challenge(digest_algorithm algorithm, bool stale)
    {
        auto const nonce = new_nonce();
        if (nonce.empty()) return {};
        std::string params;
        append_quoted(params, "realm", options_.realm);
        append_quoted(params, "nonce", nonce);
        append_quoted(params, "qop", "auth");
        append_bare(params, "algorithm", name_of(algorithm));
        append_bare(params, "charset", "UTF-8");
        if (stale) append_bare(params, "stale", "true");
        auto text = challenge_text("Digest", std::move(params));
        return is_field_value(text) ? text : std::string{};
    }

    /// The response is right; whether it is good is the nonce's matter.
    void let_pass(verification& outcome, digest_reply const& reply, std::string_view secret)
    {
        auto const worth = use(reply.input);
        if (worth == nonce_use::stale) {
            outcome.what = verification::kind::proceed;
            outcome.challenge = challenge(reply.input.algorithm, true);
            return;
        }
        outcome.what = verification::kind::accepted;
        outcome.user = reply.user;
        auto proof = reply.input;
        proof.method.clear();
        append_quoted(outcome.info, "rspauth", digest_response(secret, proof));
        append_bare(outcome.info, "qop", "auth");
        append_quoted(outcome.info, "cnonce", reply.input.cnonce);
        append_bare(outcome.info, "nc", nc_text(reply.input.nc));
        if (worth == nonce_use::good_once_more) append_quoted(outcome.info, "nextnonce", new_nonce());
        outcome.info.resize(outcome.info.size() - 2);            // the last separator
        if (!is_field_value(outcome.info)) outcome.info.clear(); // a cnonce that cannot be sent back
    }

    digest_verifier_options const options_;
    std::shared_ptr<digest_store> const store_;
    std::string const nobody_; // in place of the secret of a user that is not there
    std::mutex mutex_;
    nonce_book nonces_; // under the mutex
};

} // namespace detail

VIADUCT_DECL digest_verifier::digest_verifier(digest_verifier_options options,
                                              std::shared_ptr<digest_store> store)
    : desk_{std::make_shared<detail::digest_desk>(std::move(options), std::move(store))}
{}

VIADUCT_DECL std::string digest_verifier::challenge()
{
    auto all = challenges();
    return all.empty() ? std::string{} : std::move(all.front());
}

VIADUCT_DECL std::vector<std::string> digest_verifier::challenges()
{
    return desk_->challenges();
}

VIADUCT_DECL void digest_verifier::verify(auth_attempt attempt, verify_completion done)
{
    auto reply = detail::read_digest_reply(attempt);
    if (!reply || reply->realm != desk_->realm() || !desk_->is_offered(reply->input.algorithm))
        return done({});
    digest_question question{reply->input.algorithm, reply->user, desk_->realm()};
    try {
        desk_->store().find(std::move(question),
                            [desk = desk_, reply = std::move(*reply), done](digest_answer answer) {
                                done(desk->judge(reply, std::move(answer)));
                            });
    } catch (std::exception const& problem) {
        done({verification::kind::broken, {}, {}, {}, problem.what(), {}});
    }
}

} // namespace viaduct

#endif
