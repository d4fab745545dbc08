#ifndef VIADUCT_IMPL_AUTH_BASIC_VERIFIER_IPP
#define VIADUCT_IMPL_AUTH_BASIC_VERIFIER_IPP

#include <viaduct/auth/basic_verifier.hpp>
#include <viaduct/http/fields.hpp>
#include <viaduct/impl/auth/auth_params.hpp>
#include <viaduct/impl/auth/constant_time.hpp>
#include <viaduct/impl/auth/helper_threads.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <exception>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

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

/// Credentials, and what they are told by; a copy is not made of them.
struct password_question
{
    password_question(std::string given, credentials read) : text{std::move(given)}, who{std::move(read)} {}
    password_question(password_question const&) = delete;
    password_question& operator=(password_question const&) = delete;
    ~password_question()
    {
        wipe(text);
        wipe(who.password);
    }

    std::string text;
    credentials who;
};

/// Asks a store on a thread that may be held up, once for all who want to know the same at the same time.
/** So a browser that opens twenty tunnels costs one bcrypt. May outlive its verifier. */
class slow_checks : public std::enable_shared_from_this<slow_checks>
{
public:
    slow_checks(std::shared_ptr<password_store const> store, std::size_t most)
        : store_{std::move(store)},
          most_{most}
    {}

    void ask(std::shared_ptr<password_question const> question, verify_completion done)
    {
        if (!join(question->text, done)) return;
        auto check = [self = shared_from_this(), question] {
            self->tell(question->text, check_password(*self->store_, question->who));
        };
        if (!helper_threads::for_work().submit(std::move(check), most_)) tell(question->text, too_many());
    }

private:
    [[nodiscard]] static verification too_many()
    {
        return {verification::kind::broken, {}, {}, {}, "too many passwords wait to be checked", {}};
    }

    /// Whether nobody is waiting for the same answer already.
    [[nodiscard]] bool join(std::string const& text, verify_completion& done)
    {
        std::unique_lock lock{mutex_};
        auto& all = under_way_[text];
        if (all.empty() || all.size() < most_) {
            all.push_back(std::move(done));
            return all.size() == 1;
        }
        lock.unlock();
        done(too_many());
        return false;
    }

    void tell(std::string const& text, verification const& outcome)
    {
        std::unique_lock lock{mutex_};
        auto ended = under_way_.extract(text);
        lock.unlock();
        wipe(ended.key());
        for (auto const& done : ended.mapped())
            done(outcome);
    }

    std::shared_ptr<password_store const> const store_;
    std::size_t const most_;
    std::mutex mutex_;
    std::map<std::string, std::vector<verify_completion>> under_way_; // by what was given
};

} // namespace detail

VIADUCT_DECL basic_verifier::basic_verifier(basic_verifier_options options,
                                            std::shared_ptr<password_store const> store)
    : challenge_{detail::basic_challenge(options)},
      slow_{store->is_slow() ? std::make_shared<detail::slow_checks>(store, options.max_waiting) : nullptr},
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
    auto who = parse_basic_authorization(value);
    if (!who || who->user.empty()) return done({});
    auto const question =
        std::make_shared<detail::password_question>(std::move(attempt.credentials), std::move(*who));
    if (slow_) return slow_->ask(question, std::move(done));
    done(detail::check_password(*store_, question->who));
}

} // namespace viaduct

#endif
