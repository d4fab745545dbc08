#ifndef VIADUCT_IMPL_AUTH_BASIC_VERIFIER_IPP
#define VIADUCT_IMPL_AUTH_BASIC_VERIFIER_IPP

#include <viaduct/auth/basic_verifier.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/impl/auth/auth_params.hpp>
#include <viaduct/impl/auth/constant_time.hpp>
#include <viaduct/impl/auth/helper_threads.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <exception>
#include <utility>

namespace viaduct {
namespace detail {

/// The passwords as they are, for tests and programs with a user of their own.
class plain_passwords final : public password_store
{
public:
    explicit plain_passwords(std::map<std::string, std::string> passwords) : passwords_{std::move(passwords)}
    {}
    plain_passwords(plain_passwords const&) = delete;
    plain_passwords& operator=(plain_passwords const&) = delete;
    ~plain_passwords() override
    {
        for (auto& each : passwords_)
            wipe(each.second);
    }

    [[nodiscard]] bool check(credentials const& who) const override
    {
        auto const found = passwords_.find(who.user);
        bool const known = found != passwords_.end();
        bool const right = constant_time_equal(who.password, known ? found->second : who.user);
        return known && right;
    }

    [[nodiscard]] bool is_slow() const noexcept override { return false; }

private:
    std::map<std::string, std::string> passwords_;
};

/// A user's function as a store.
class checking_function final : public password_store
{
public:
    explicit checking_function(basic_verifier::check_function check) : check_{std::move(check)} {}

    [[nodiscard]] bool check(credentials const& who) const override { return check_(who); }

    [[nodiscard]] bool is_slow() const noexcept override { return false; }

private:
    basic_verifier::check_function check_;
};

[[nodiscard]] inline verification check_password(password_store const& store, credentials const& who)
{
    verification outcome;
    try {
        if (store.check(who)) {
            outcome.what = verification::kind::accepted;
            outcome.user = who.user;
        }
    } catch (std::exception const& problem) {
        outcome.what = verification::kind::broken;
        outcome.problem = problem.what();
    }
    return outcome;
}

[[nodiscard]] inline std::string basic_challenge(basic_verifier_options const& options)
{
    std::string params;
    append_quoted(params, "realm", options.realm);
    if (options.utf8) append_quoted(params, "charset", "UTF-8");
    auto text = challenge_text("Basic", std::move(params));
    return is_field_value(text) ? text : std::string{};
}

/// What a thread of its own does: it may outlive the verifier, and a copy is not made of the password.
class password_question
{
public:
    password_question(std::shared_ptr<password_store const> store, credentials who, verify_completion done)
        : store_{std::move(store)},
          who_{std::move(who)},
          done_{std::move(done)}
    {}
    password_question(password_question const&) = delete;
    password_question& operator=(password_question const&) = delete;
    ~password_question() { wipe(who_.password); }

    void ask() { done_(check_password(*store_, who_)); }

    void fail(std::string problem)
    {
        done_({verification::kind::broken, {}, {}, {}, std::move(problem), {}});
    }

private:
    std::shared_ptr<password_store const> store_;
    credentials who_;
    verify_completion done_;
};

} // namespace detail

VIADUCT_DECL basic_verifier::basic_verifier(basic_verifier_options options,
                                            std::shared_ptr<password_store const> store)
    : challenge_{detail::basic_challenge(options)},
      max_waiting_{options.max_waiting},
      store_{std::move(store)}
{}

VIADUCT_DECL basic_verifier::basic_verifier(basic_verifier_options options, check_function check)
    : basic_verifier{std::move(options), std::make_shared<detail::checking_function>(std::move(check))}
{}

VIADUCT_DECL basic_verifier::basic_verifier(basic_verifier_options options,
                                            std::map<std::string, std::string> passwords)
    : basic_verifier{std::move(options), std::make_shared<detail::plain_passwords>(std::move(passwords))}
{}

VIADUCT_DECL std::string basic_verifier::challenge()
{
    return challenge_;
}

VIADUCT_DECL void basic_verifier::verify(auth_attempt attempt, verify_completion done)
{
    auto value = "Basic " + attempt.credentials;
    detail::wipe_at_end const wiped{value};
    detail::wipe(attempt.credentials);
    auto who = parse_basic_authorization(value);
    if (!who || who->user.empty()) return done({});
    auto const question =
        std::make_shared<detail::password_question>(store_, std::move(*who), std::move(done));
    if (!store_->is_slow()) return question->ask();
    if (!detail::helper_threads::for_work().submit([question] { question->ask(); }, max_waiting_))
        question->fail("too many passwords wait to be checked");
}

} // namespace viaduct

#endif
