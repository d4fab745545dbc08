#ifndef VIADUCT_TESTING_PROXY_REQUIREMENT_HPP
#define VIADUCT_TESTING_PROXY_REQUIREMENT_HPP

#include <viaduct/auth/basic_verifier.hpp>
#include <viaduct/auth/bearer_verifier.hpp>
#include <viaduct/auth/verifier.hpp>
#include <viaduct/server/authentication.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct::testing {

/// Wants one user and a password.
[[nodiscard]] inline std::shared_ptr<verifier> basic_requirement(std::string user, std::string password)
{
    std::map<std::string, std::string> passwords;
    passwords.emplace(std::move(user), std::move(password));
    return std::make_shared<basic_verifier>(basic_verifier_options{}, std::move(passwords));
}

/// Wants one token; whoever has it is called `bearer`.
[[nodiscard]] inline std::shared_ptr<verifier> bearer_requirement(std::string token)
{
    return std::make_shared<bearer_verifier>(
        bearer_verifier_options{},
        [wanted = std::move(token)](std::string shown, std::string, verify_completion done) {
            verification outcome;
            if (shown == wanted) outcome = {.what = verification::kind::accepted, .user = "bearer"};
            done(std::move(outcome));
        });
}

namespace detail {

/// A scheme of which nobody has ever heard.
class exact_verifier final : public verifier
{
public:
    exact_verifier(std::string challenge, std::string answer)
        : challenge_{std::move(challenge)},
          scheme_{challenge_.substr(0, challenge_.find(' '))},
          answer_{std::move(answer)}
    {}

    [[nodiscard]] std::string_view scheme() const noexcept override { return scheme_; }
    [[nodiscard]] std::string challenge() override { return challenge_; }

    void verify(auth_attempt attempt, verify_completion done) override
    {
        verification outcome;
        if (!answer_.empty() && answer_ == scheme_ + ' ' + attempt.credentials)
            outcome = {.what = verification::kind::accepted, .user = scheme_};
        done(std::move(outcome));
    }

private:
    std::string challenge_;
    std::string scheme_;
    std::string answer_;
};

} // namespace detail

/// Sends a challenge as it is, and wants one answer, octet by octet; whoever gives it is called as the
/// scheme is.
/** @param answer Nobody passes if it is empty. */
[[nodiscard]] inline std::shared_ptr<verifier> exact_requirement(std::string challenge, std::string answer)
{
    return std::make_shared<detail::exact_verifier>(std::move(challenge), std::move(answer));
}

/// What asks a verifier each time, at once.
[[nodiscard]] inline std::shared_ptr<authentication> make_requirement(std::shared_ptr<verifier> scheme)
{
    authentication_options options;
    options.verifiers.push_back(std::move(scheme));
    options.cache_ttl = std::chrono::seconds::zero();
    options.failure_delay = std::chrono::milliseconds::zero();
    return std::make_shared<authentication>(std::move(options));
}

} // namespace viaduct::testing

#endif
