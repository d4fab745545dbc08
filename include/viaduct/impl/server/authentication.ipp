#ifndef VIADUCT_IMPL_SERVER_AUTHENTICATION_IPP
#define VIADUCT_IMPL_SERVER_AUTHENTICATION_IPP

#include <viaduct/http/characters.hpp>
#include <viaduct/impl/auth/wipe.hpp>
#include <viaduct/server/authentication.hpp>

#include <algorithm>
#include <iterator>
#include <optional>

namespace viaduct {
namespace detail {

VIADUCT_DECL auth_question auth_question::make(field_list fields, std::string_view method,
                                               std::string_view target, std::string_view client)
{
    auth_question question;
    auto const value = fields.find("Proxy-Authorization").value_or("");
    auto const space = std::min(value.find(' '), value.size());
    question.scheme = value.substr(0, space);
    question.credentials = characters::trim(value.substr(space));
    question.method = method;
    question.target = target;
    question.client = client;
    return question;
}

VIADUCT_DECL auth_question::~auth_question()
{
    wipe(credentials);
}

} // namespace detail

VIADUCT_DECL authentication::authentication(authentication_options options)
    : options_{std::move(options)},
      cache_{options_.cache_ttl, options_.cache_size}
{}

VIADUCT_DECL std::vector<std::string> authentication::offers() const
{
    std::vector<std::string> all;
    for (auto const& each : options_.verifiers) {
        auto some = each->challenges();
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    return all;
}

/// As `offers`, with a challenge of its own for one of the verifiers.
VIADUCT_DECL std::vector<std::string> authentication::offers_with(verifier const& judged,
                                                                  std::string const& challenge) const
{
    if (challenge.empty()) return offers();
    std::vector<std::string> all;
    for (auto const& each : options_.verifiers) {
        auto some = each.get() == &judged ? std::vector{challenge} : each->challenges();
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    return all;
}

VIADUCT_DECL void authentication::forget()
{
    std::lock_guard const lock{mutex_};
    cache_.clear();
    ++generation_;
}

VIADUCT_DECL bool authentication::hold()
{
    if (options_.failure_delay <= options_.failure_delay.zero()) return false;
    if (held_.fetch_add(1, std::memory_order_relaxed) < options_.max_held) return true;
    release();
    return false;
}

VIADUCT_DECL authentication::plan authentication::begin(detail::auth_question& question,
                                                        authentication_session& session)
{
    auto const known =
        std::find_if(options_.verifiers.begin(), options_.verifiers.end(), [&question](auto const& each) {
            return characters::iequals(each->scheme(), question.scheme);
        });
    if (known == options_.verifiers.end()) {
        session = {};
        authentication_result result;
        result.challenges = offers();
        result.needs_connection = std::any_of(options_.verifiers.begin(), options_.verifiers.end(),
                                              [](auto const& each) { return each->needs_connection(); });
        return {nullptr, errc::authentication_required, std::move(result)};
    }
    if (session.of != *known) session = {*known, nullptr};
    plan next;
    next.result.scheme = (*known)->scheme();
    next.whom = *known;
    if (!(*known)->can_be_cached()) return next;
    std::lock_guard const lock{mutex_};
    question.generation = generation_;
    auto user = cache_.find(next.result.scheme, question.credentials, std::chrono::steady_clock::now());
    if (!user) return next;
    next.result.user = std::move(*user);
    next.whom = nullptr;
    return next;
}

VIADUCT_DECL auth_attempt authentication::attempt_of(verifier const& asked, detail::auth_question& question,
                                                     authentication_session const& session)
{
    auth_attempt attempt{
        std::move(question.method), std::move(question.target), {}, std::move(question.client), session.kept};
    if (asked.can_be_cached())
        attempt.credentials = question.credentials; // the cache will want them
    else
        attempt.credentials = std::move(question.credentials);
    return attempt;
}

VIADUCT_DECL error_code authentication::judge(verifier& asked, detail::auth_question const& question,
                                              verification&& outcome, authentication_session& session,
                                              authentication_result& result)
{
    using kind = verification::kind;
    if (outcome.what == kind::accepted && outcome.user.empty())
        outcome = {kind::broken, {}, {}, {}, "it accepted a client without a name", {}};
    session.kept = outcome.what == kind::proceed || outcome.what == kind::accepted
                       ? std::move(outcome.session)
                       : nullptr;
    result.info = std::move(outcome.info);
    switch (outcome.what) {
    case kind::accepted:
        result.user = std::move(outcome.user);
        if (asked.can_be_cached()) {
            std::lock_guard const lock{mutex_};
            if (question.generation == generation_) // or else it was judged by what has been taken away since
                cache_.put(result.scheme, question.credentials, result.user,
                           std::chrono::steady_clock::now());
        }
        return {};
    case kind::proceed:
        result.proceeds = true;
        result.needs_connection = asked.needs_connection();
        result.challenges.push_back(outcome.challenge.empty() ? asked.challenge()
                                                              : std::move(outcome.challenge));
        return errc::authentication_required;
    case kind::rejected:
        result.challenges = offers_with(asked, outcome.challenge);
        result.needs_connection = asked.needs_connection();
        return errc::authentication_failed;
    case kind::broken: break;
    }
    if (options_.on_broken) options_.on_broken(asked.scheme(), outcome.problem);
    result.problem = std::string{asked.scheme()} + ": " + outcome.problem;
    return errc::authentication_broken;
}

} // namespace viaduct

#endif
