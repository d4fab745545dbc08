#include "privileges.hpp"

#include "../say.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <grp.h>
#include <memory>
#include <pwd.h>
#include <stdexcept>
#include <tuple>
#include <unistd.h>

#if defined(VIADUCT_PROXY_CAP)
#include <sys/capability.h>
#include <sys/prctl.h>
#endif

namespace viaduct_proxy {
namespace {

[[noreturn]] void fail(std::string const& setting, std::string const& value, std::string const& why)
{
    throw std::runtime_error(fmt::format("{} {}: {}", setting, printable(value), why));
}

[[nodiscard]] gid_t find_group(std::string const& text)
{
    gid_t number = 0;
    auto const* const end = text.data() + text.size();
    if (auto const [stop, ec] = std::from_chars(text.data(), end, number); ec == std::errc{} && stop == end)
        return number;
    auto const* const entry = ::getgrnam(text.c_str()); // there are no threads yet
    if (!entry) fail("cache_effective_group", text, "there is no such group");
    return entry->gr_gid;
}

[[nodiscard]] passwd const& find_user(std::optional<std::string> const& wish)
{
    for (auto const* name : {wish ? wish->c_str() : "proxy", wish ? wish->c_str() : "nobody"})
        if (auto const* const entry = ::getpwnam(name)) return *entry;
    if (wish) fail("cache_effective_user", *wish, "there is no such user");
    throw std::runtime_error("there is neither a user proxy nor nobody: write cache_effective_user");
}

/// Without root's rights a wish for another user has to stay one.
void tell_who_stays(wished_identity const& wish)
{
    if (!wish.user) return;
    auto const* const entry = ::getpwnam(wish.user->c_str());
    if (!entry || entry->pw_uid != ::geteuid())
        tell(fmt::format("cache_effective_user {}: only root can become another user, so it stays number {}",
                         printable(*wish.user), ::geteuid()));
}

[[nodiscard]] bool stays(identity const& whom)
{
    return whom.name.empty() || whom.user == 0;
}

void check(int result, char const* call, identity const& whom)
{
    if (result < 0)
        fail("cache_effective_user", whom.name, fmt::format("{}: {}", call, std::strerror(errno)));
}

#if defined(VIADUCT_PROXY_CAP)
void keep_low_ports(identity const& whom)
{
    constexpr cap_value_t kept[] = {CAP_NET_BIND_SERVICE};
    std::unique_ptr<void, int (*)(void*)> const set{::cap_init(), &::cap_free};
    auto* const caps = static_cast<cap_t>(set.get());
    if (!caps || ::cap_set_flag(caps, CAP_PERMITTED, 1, kept, CAP_SET) != 0 ||
        ::cap_set_flag(caps, CAP_EFFECTIVE, 1, kept, CAP_SET) != 0)
        check(-1, "capabilities", whom);
    // A container may have taken this right from root already: then there is nothing to keep.
    if (::cap_set_proc(caps) == 0) return;
    check(::cap_clear(caps), "cap_clear", whom);
    check(::cap_set_proc(caps), "cap_set_proc", whom);
}
#endif

void set_groups(identity const& whom)
{
    if (whom.has_own_groups)
        check(::initgroups(whom.name.c_str(), whom.group), "initgroups", whom);
    else
        check(::setgroups(1, &whom.group), "setgroups", whom);
}

void set_user(identity const& whom)
{
    check(::setgid(whom.group), "setgid", whom); // of root's it changes all: real, effective and saved
#if defined(VIADUCT_PROXY_CAP)
    check(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "PR_SET_KEEPCAPS", whom);
    check(::setuid(whom.user), "setuid", whom);
    check(::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0), "PR_SET_KEEPCAPS", whom);
    keep_low_ports(whom);
#else
    check(::setuid(whom.user), "setuid", whom);
#endif
}

/// What the system says, rather than what was asked for.
void verify(identity const& whom)
{
    if (::getuid() != whom.user || ::geteuid() != whom.user || ::getgid() != whom.group ||
        ::getegid() != whom.group)
        fail("cache_effective_user", whom.name, "the system says yes, but it is still somebody else");
    if (::setuid(0) == 0 || ::seteuid(0) == 0 || (whom.group != 0 && ::setgid(0) == 0))
        fail("cache_effective_user", whom.name, "there is a way back to root");
}

} // namespace

identity find_identity(wished_identity const& wish)
{
    if (::geteuid() != 0) return tell_who_stays(wish), identity{};
    auto const& user = find_user(wish.user);
    identity whom{user.pw_name, user.pw_uid, user.pw_gid, !wish.group};
    if (wish.group) whom.group = find_group(*wish.group);
    return whom;
}

acting_as::acting_as(identity const& whom)
{
    if (stays(whom)) return;
    group_ = ::getegid();
    groups_.resize(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    check(::getgroups(static_cast<int>(groups_.size()), groups_.data()), "getgroups", whom);
    user_ = ::geteuid();
    set_groups(whom);
    // The real ones as well, so that a program that is started meanwhile, as a log's daemon is, has no way
    // back: of root's only what is saved stays, and nothing of that outlives an exec.
    check(::setresgid(whom.group, whom.group, group_), "setresgid", whom);
    check(::setresuid(whom.user, whom.user, *user_), "setresuid", whom);
}

acting_as::~acting_as()
{
    if (!user_) return;
    // What root was he may become again. If the system says no, the program goes on with less.
    std::ignore = ::setresuid(*user_, *user_, *user_);
    std::ignore = ::setresgid(group_, group_, group_);
    std::ignore = ::setgroups(groups_.size(), groups_.data());
}

void drop_privileges(identity const& whom)
{
    if (stays(whom)) return;
    set_groups(whom);
    set_user(whom);
    verify(whom);
}

} // namespace viaduct_proxy
