#ifndef VIADUCT_IMPL_AUTH_DIGEST_FILE_IPP
#define VIADUCT_IMPL_AUTH_DIGEST_FILE_IPP

#include <viaduct/auth/digest_file.hpp>
#include <viaduct/http/characters.hpp>
#include <viaduct/impl/auth/helper_threads.hpp>
#include <viaduct/impl/auth/reloaded_file.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace viaduct {
namespace detail {

/// The users of one version of a file.
class digest_users
{
public:
    [[nodiscard]] static std::shared_ptr<digest_users const>
    parse(std::string_view text, std::string const& name, std::string& problem)
    {
        auto users = std::make_shared<digest_users>();
        auto const add = [&users](std::string_view line) { return users->add(line); };
        if (!for_each_user_line(text, name, problem, add)) return nullptr;
        return users;
    }

    digest_users() = default;
    digest_users(digest_users const&) = delete;
    digest_users& operator=(digest_users const&) = delete;
    ~digest_users()
    {
        for (auto& realm : realms_)
            for (auto& user : realm.second.users)
                std::for_each(user.second.begin(), user.second.end(), [](std::string& text) { wipe(text); });
    }

    [[nodiscard]] bool has(digest_algorithm algorithm, std::string const& realm) const
    {
        auto const column = column_of(algorithm);
        auto const found = realms_.find(realm);
        return column != columns && found != realms_.end() &&
               found->second.secrets[column] == found->second.users.size();
    }

    /// Empty if there is no such user.
    [[nodiscard]] std::string find(digest_question const& question) const
    {
        auto const column = column_of(question.algorithm);
        auto const realm = realms_.find(question.realm);
        if (column == columns || realm == realms_.end()) return {};
        auto const user = realm->second.users.find(question.user);
        return user == realm->second.users.end() ? std::string{} : user->second[column];
    }

private:
    static constexpr std::size_t columns = 2; // MD5 and SHA-256

    [[nodiscard]] static std::size_t column_of(digest_algorithm algorithm) noexcept
    {
        switch (algorithm) {
        case digest_algorithm::md5:
        case digest_algorithm::md5_sess: return 0;
        case digest_algorithm::sha_256:
        case digest_algorithm::sha_256_sess: return 1;
        default: return columns;
        }
    }

    [[nodiscard]] std::string_view add(std::string_view line)
    {
        auto const first = line.find(':');
        auto const last = line.rfind(':');
        if (first == line.npos || first == last) return "not user:realm:secret";
        if (first == 0) return "no user before the colon";
        auto const digits = characters::trim(line.substr(last + 1));
        bool const whole = digits.find_first_not_of("0123456789abcdefABCDEF") == digits.npos;
        if (!whole || (digits.size() != 32 && digits.size() != 64))
            return "a secret of neither 32 nor 64 digits";
        std::string const realm{line.substr(first + 1, last - first - 1)};
        auto& known = realms_[realm];
        auto const column = digits.size() / 64;
        auto& secret = known.users[std::string{line.substr(0, first)}][column];
        if (!secret.empty()) return {};
        ++known.secrets[column];
        std::transform(digits.begin(), digits.end(), std::back_inserter(secret), // it goes into a hash so
                       [](char c) { return characters::to_lower(c); });
        return {};
    }

    struct realm_users
    {
        std::map<std::string, std::array<std::string, columns>> users{};
        std::array<std::size_t, columns> secrets{}; // how many of them have one
    };

    std::map<std::string, realm_users> realms_;
};

/// The newest version of a file that could be read.
class watched_digest_users : public reloaded_file<digest_users>
{
public:
    using reloaded_file::reloaded_file;
};

} // namespace detail

VIADUCT_DECL digest_file::digest_file(std::string path, reporter report)
    : users_{std::make_shared<detail::watched_digest_users>(std::move(path), &detail::digest_users::parse,
                                                            std::move(report))}
{}

VIADUCT_DECL std::string digest_file::reload()
{
    return users_->reload();
}

VIADUCT_DECL bool digest_file::has(digest_algorithm algorithm, std::string const& realm) const
{
    auto const now = users_->content();
    return now && now->has(algorithm, realm);
}

VIADUCT_DECL void digest_file::find(digest_question question, std::function<void(digest_answer)> done)
{
    if (users_->is_due(std::chrono::steady_clock::now()))
        std::ignore = detail::helper_threads::for_work().submit([users = users_] { users->refresh(); }, 64);
    auto const now = users_->content();
    if (!now) return done({{}, users_->path() + " cannot be used"});
    done({now->find(question), {}});
}

} // namespace viaduct

#endif
