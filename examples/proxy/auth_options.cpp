#include "auth_options.hpp"

#include "rare_notice.hpp"
#include "say.hpp"
#include "words.hpp"
#include <viaduct/helpers/helper_verifier.hpp>

#if defined(VIADUCT_PROXY_OPENSSL)
#include "digest_program.hpp"
#include <viaduct/auth/digest_file.hpp>
#include <viaduct/auth/digest_verifier.hpp>
#endif
#if defined(VIADUCT_PROXY_HTPASSWD)
#include <viaduct/auth/basic_file_verifier.hpp>
#endif

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace viaduct_proxy {
namespace {

#if defined(VIADUCT_PROXY_OPENSSL)
[[nodiscard]] std::shared_ptr<viaduct::verifier> make_digest(std::string const& realm,
                                                             viaduct::nonce_rules const& nonces,
                                                             std::shared_ptr<viaduct::digest_store> store)
{
    viaduct::digest_verifier_options options;
    options.realm = realm;
    options.nonces = nonces;
    return std::make_shared<viaduct::digest_verifier>(options, std::move(store));
}
#endif

[[maybe_unused]] void tell_problem(std::string const& problem)
{
    tell(problem);
}

} // namespace

void auth_options::declare(CLI::App& app)
{
    flag_group flags{app, "Who clients are (with any of these, and no --http-access, only users are served)"};
    flags.text("--auth-realm", realm_, "TEXT", "What people are shown when they are asked for a password");
    flags.text("--auth-basic-file", basic_file_, "FILE", "Basic, with the passwords of an htpasswd file");
    flags.text("--auth-digest-file", digest_file_, "FILE", "Digest, with an htdigest file");
    flags.list("--auth-program", programs_, "'basic|digest|negotiate|ntlm PROGRAM [ARG]...'",
               "A helper program, as auth_param in squid.conf");
    flags.text("--auth-children", children_, "'MAX [startup=N] [idle=N] [concurrency=N]'",
               "How many processes of each such program [20 startup=0 idle=1 concurrency=0]");
    flags.seconds("--auth-ttl", ttl_, "How long a password is good without another look");
    flags.seconds("--auth-failure-delay", failure_delay_, "How long a refusal is held back");
    flags.on(
        "--keep-alive-for-407", keep_alive_,
        "Leave the connection open after every 407, and not only where Negotiate and NTLM need it. Only for "
        "clients that never send payload early");
}

std::shared_ptr<viaduct::verifier> auth_options::read_basic_file([[maybe_unused]] proxy_options& to) const
{
#if defined(VIADUCT_PROXY_HTPASSWD)
    viaduct::basic_verifier_options options;
    options.realm = realm_of(scheme::basic).value;
    options.utf8 = utf8_.value;
    auto made = std::make_shared<viaduct::basic_file_verifier>(options, basic_file_->value, tell_problem);
    if (auto const problem = made->reload(); !problem.empty()) reject(*basic_file_, problem);
    return made;
#else
    lacks("--auth-basic-file", "libcrypt or OpenSSL");
#endif
}

std::shared_ptr<viaduct::verifier> auth_options::read_digest_file([[maybe_unused]] proxy_options& to) const
{
#if defined(VIADUCT_PROXY_OPENSSL)
    auto const& realm = realm_of(scheme::digest).value;
    auto made = std::make_shared<viaduct::digest_file>(digest_file_->value, tell_problem);
    if (auto const problem = made->reload(); !problem.empty()) reject(*digest_file_, problem);
    if (!made->has(viaduct::digest_algorithm::md5, realm) &&
        !made->has(viaduct::digest_algorithm::sha_256, realm))
        reject(*digest_file_, "not all users of the realm '" + realm +
                                  "' have a secret of one kind there; is it the right realm?");
    return make_digest(realm, nonces_, made);
#else
    lacks("--auth-digest-file", "OpenSSL");
#endif
}

typed const& auth_options::realm_of(scheme by) const
{
    auto const own = realms_.find(by);
    return own == realms_.end() ? realm_ : own->second;
}

viaduct::helper_limits auth_options::read_children(scheme by) const
{
    viaduct::helper_limits limits;
    auto const own = children_of_.find(by);
    if (own == children_of_.end() && !children_) return limits;
    auto const& what = own == children_of_.end() ? *children_ : own->second;
    auto const words = split_plain(what);
    limits.max_children = to_count(what, words.empty() ? "" : words.front(), 10000);
    if (limits.max_children == 0) reject(what, "one process at least");
    for (std::size_t i = 1; i < words.size(); ++i) {
        auto const parts = as_setting(words[i]);
        if (!parts || !read_helper_setting(what, parts->first, parts->second, limits))
            reject(what, "'" + words[i] + "': write startup=N, idle=N, concurrency=N or queue-size=N");
    }
    return limits;
}

std::shared_ptr<viaduct::verifier> auth_options::ask_program(scheme by,
                                                             std::shared_ptr<viaduct::helper_pool> pool,
                                                             [[maybe_unused]] typed const& shown) const
{
    switch (by) {
    case scheme::negotiate: return viaduct::make_negotiate_helper_verifier(std::move(pool));
    case scheme::ntlm: return viaduct::make_ntlm_helper_verifier(std::move(pool));
    case scheme::basic:
        return viaduct::make_basic_helper_verifier(std::move(pool),
                                                   {realm_of(by).value, utf8_.value, case_sensitive_.value});
    default:
#if defined(VIADUCT_PROXY_OPENSSL)
        return make_digest(realm_of(by).value, nonces_, std::make_shared<digest_program>(std::move(pool)));
#else
        lacks(shown.where() + " digest", "OpenSSL");
#endif
    }
}

std::optional<auth_options::scheme> auth_options::find_scheme(std::string_view name)
{
    for (auto const each : {scheme::negotiate, scheme::digest, scheme::ntlm, scheme::basic})
        if (name == name_of(each)) return each;
    return std::nullopt;
}

std::string auth_options::name_of(scheme by)
{
    switch (by) {
    case scheme::negotiate: return "negotiate";
    case scheme::digest: return "digest";
    case scheme::ntlm: return "ntlm";
    default: return "basic";
    }
}

void auth_options::add_program(proxy_options& to, verifiers& all, typed const& what) const
{
    auto words = split_plain(what);
    auto const shown = with_value(what, without_arguments(what.value));
    auto const by = words.empty() ? std::nullopt : find_scheme(words.front());
    if (!by) reject(shown, "begin with basic, digest, negotiate or ntlm");
    bool const is_there =
        std::any_of(all.begin(), all.end(), [&](auto const& each) { return each.first == *by; });
    if (is_there) reject(shown, "this scheme has been given already: one of each");
    words.erase(words.begin());
    auto limits = read_children(*by);
    bool const converses = *by == scheme::negotiate || *by == scheme::ntlm;
    if (converses) limits.concurrency = 0; // a conversation has its process for itself
    all.emplace_back(*by, ask_program(*by, to.helpers->add(shown, std::move(words), limits), shown));
}

void auth_options::apply(proxy_options& to) const
{
    if (children_ && programs_.empty()) reject(*children_, "there is no --auth-program");
    verifiers all;
    if (basic_file_) all.emplace_back(scheme::basic, read_basic_file(to));
    if (digest_file_) all.emplace_back(scheme::digest, read_digest_file(to));
    for (auto const& each : programs_)
        add_program(to, all, each);
    if (!as_written_)
        std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
    auto& way = to.service.way;
    viaduct::authentication_options options;
    options.cache_ttl = std::chrono::duration_cast<std::chrono::seconds>(to_duration(ttl_, 0, a_year));
    options.failure_delay = to_duration(failure_delay_, 0, 60);
    options.on_broken = [notice = std::make_shared<rare_notice>()](std::string_view by,
                                                                   std::string_view problem) {
        notice->say(fmt::format("credentials for {} cannot be checked: {}", by, problem));
    };
    if (keep_alive_.value) way.rejects = viaduct::reject_policy::keep_alive_for_407;
    for (auto const& [by, each] : all)
        options.verifiers.push_back(each);
    if (!all.empty()) way.auth = std::make_shared<viaduct::authentication>(std::move(options));
}

} // namespace viaduct_proxy
