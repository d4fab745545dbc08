#ifndef VIADUCT_IMPL_AUTH_PASSWORD_FILE_IPP
#define VIADUCT_IMPL_AUTH_PASSWORD_FILE_IPP

#include <viaduct/auth/password_file.hpp>
#include <viaduct/http/characters.hpp>
#include <viaduct/impl/auth/password_hash.hpp>
#include <viaduct/impl/auth/user_lines.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <algorithm>

namespace viaduct {

VIADUCT_DECL std::shared_ptr<password_file const>
password_file::parse(std::string_view text, std::string const& name, std::string& problem)
{
    problem.clear();
    std::shared_ptr<password_file> const file{new password_file};
    auto const add = [&file](std::string_view line) { return file->add(line); };
    if (!detail::for_each_user_line(text, name, problem, add)) return nullptr;
    file->choose_dummy();
    return file;
}

VIADUCT_DECL std::shared_ptr<password_file const> password_file::load(std::string const& path,
                                                                      std::string& problem)
{
    auto text = detail::read_user_file(path, problem);
    if (!text) return nullptr;
    detail::wipe_at_end const wiped{*text};
    return parse(*text, path, problem);
}

VIADUCT_DECL password_file::~password_file()
{
    for (auto& each : hashes_)
        detail::wipe(each.second);
    detail::wipe(dummy_);
}

VIADUCT_DECL std::string_view password_file::add(std::string_view line)
{
    auto const colon = line.find(':');
    if (colon == line.npos) return "no colon";
    if (colon == 0) return "no user before the colon";
    if (std::any_of(line.begin(), line.end(), [](char c) { return characters::is_forbidden_control(c); }))
        return "a control character";
    auto const rest = line.substr(colon + 1);
    auto const hash = characters::trim(rest.substr(0, rest.find(':')));
    if (!detail::hash_kind(hash)) return "a hash of an unknown kind, or a password that is not hashed";
    hashes_.emplace(line.substr(0, colon), hash);
    return {};
}

/// A hash of the kind and the cost that most users have.
VIADUCT_DECL void password_file::choose_dummy()
{
    struct kind
    {
        std::size_t users = 0;
        std::string_view example{};
    };
    std::map<std::string_view, kind> kinds;
    for (auto const& each : hashes_) {
        auto& counted = kinds[*detail::hash_kind(each.second)];
        ++counted.users;
        counted.example = each.second;
    }
    auto const fewer = [](auto const& a, auto const& b) { return a.second.users < b.second.users; };
    auto const most = std::max_element(kinds.begin(), kinds.end(), fewer);
    if (most != kinds.end()) dummy_ = most->second.example;
}

VIADUCT_DECL bool password_file::check(credentials const& who) const
{
    auto const found = hashes_.find(who.user);
    bool const known = found != hashes_.end();
    if (!known && dummy_.empty()) return false; // nobody is there
    bool const right = detail::is_hash_of(who.password, known ? found->second : dummy_);
    return known && right;
}

} // namespace viaduct

#endif
