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

#include <string_view>
#include <utility>

namespace viaduct_proxy {
namespace {

#if defined(VIADUCT_PROXY_OPENSSL)
[[nodiscard]] std::shared_ptr<viaduct::verifier> make_digest(std::string const& realm,
                                                             std::shared_ptr<viaduct::digest_store> store)
{
    viaduct::digest_verifier_options options;
    options.realm = realm;
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
    options.realm = realm_;
    auto made = std::make_shared<viaduct::basic_file_verifier>(options, *basic_file_, tell_problem);
    if (auto const problem = made->reload(); !problem.empty())
        reject("--auth-basic-file", *basic_file_, problem);
    to.rereads.push_back({"--auth-basic-file " + *basic_file_, [made] { return made->reload(); }});
    return made;
#else
    lacks("--auth-basic-file", "libcrypt or OpenSSL");
#endif
}

std::shared_ptr<viaduct::verifier> auth_options::read_digest_file([[maybe_unused]] proxy_options& to) const
{
#if defined(VIADUCT_PROXY_OPENSSL)
    auto made = std::make_shared<viaduct::digest_file>(*digest_file_, tell_problem);
    if (auto const problem = made->reload(); !problem.empty())
        reject("--auth-digest-file", *digest_file_, problem);
    if (!made->has(viaduct::digest_algorithm::md5, realm_) &&
        !made->has(viaduct::digest_algorithm::sha_256, realm_))
        reject("--auth-digest-file", *digest_file_,
               "not all users of the realm '" + realm_ +
                   "' have a secret of one kind there; is it the right --auth-realm?");
    to.rereads.push_back({"--auth-digest-file " + *digest_file_, [made] { return made->reload(); }});
    return make_digest(realm_, made);
#else
    lacks("--auth-digest-file", "OpenSSL");
#endif
}

viaduct::helper_limits auth_options::read_children() const
{
    constexpr char flag[] = "--auth-children";
    viaduct::helper_limits limits;
    if (!children_) return limits;
    auto const words = split_plain(flag, *children_);
    limits.max_children = to_count(flag, *children_, words.empty() ? "" : words.front(), 10000);
    if (limits.max_children == 0) reject(flag, *children_, "one process at least");
    for (std::size_t i = 1; i < words.size(); ++i) {
        auto const setting = as_setting(words[i]);
        if (!setting || !read_helper_setting(flag, *children_, setting->first, setting->second, limits))
            reject(flag, *children_,
                   "'" + words[i] + "': write startup=N, idle=N, concurrency=N or queue-size=N");
    }
    return limits;
}

std::shared_ptr<viaduct::verifier> auth_options::ask_program(scheme by,
                                                             std::shared_ptr<viaduct::helper_pool> pool,
                                                             [[maybe_unused]] std::string const& value) const
{
    switch (by) {
    case scheme::negotiate: return viaduct::make_negotiate_helper_verifier(std::move(pool));
    case scheme::ntlm: return viaduct::make_ntlm_helper_verifier(std::move(pool));
    case scheme::basic: return viaduct::make_basic_helper_verifier(std::move(pool), {realm_});
    default:
#if defined(VIADUCT_PROXY_OPENSSL)
        return make_digest(realm_, std::make_shared<digest_program>(std::move(pool)));
#else
        lacks("--auth-program digest", "OpenSSL");
#endif
    }
}

void auth_options::add_program(proxy_options& to, verifiers& all, std::string const& value) const
{
    constexpr char flag[] = "--auth-program";
    static std::map<std::string, scheme, std::less<>> const known{{"negotiate", scheme::negotiate},
                                                                  {"digest", scheme::digest},
                                                                  {"ntlm", scheme::ntlm},
                                                                  {"basic", scheme::basic}};
    auto words = split_plain(flag, value);
    auto const shown = without_arguments(value);
    auto const by = words.empty() ? known.end() : known.find(words.front());
    if (by == known.end()) reject(flag, shown, "begin with basic, digest, negotiate or ntlm");
    if (all.contains(by->second)) reject(flag, shown, "this scheme has been given already: one of each");
    words.erase(words.begin());
    auto limits = read_children();
    bool const converses = by->second == scheme::negotiate || by->second == scheme::ntlm;
    if (converses) limits.concurrency = 0; // a conversation has its process for itself
    all[by->second] = ask_program(by->second, to.helpers->add(flag, shown, std::move(words), limits), shown);
}

void auth_options::apply(proxy_options& to) const
{
    if (children_ && programs_.empty()) reject("--auth-children", *children_, "there is no --auth-program");
    verifiers all;
    if (basic_file_) all[scheme::basic] = read_basic_file(to);
    if (digest_file_) all[scheme::digest] = read_digest_file(to);
    for (auto const& value : programs_)
        add_program(to, all, value);
    auto& way = to.service.way;
    viaduct::authentication_options options;
    options.cache_ttl =
        std::chrono::duration_cast<std::chrono::seconds>(to_duration("--auth-ttl", ttl_, 0, a_year));
    options.failure_delay = to_duration("--auth-failure-delay", failure_delay_, 0, 60);
    options.on_broken = [notice = std::make_shared<rare_notice>()](std::string_view by,
                                                                   std::string_view problem) {
        notice->say(fmt::format("credentials for {} cannot be checked: {}", by, problem));
    };
    way.rejects = keep_alive_ ? viaduct::reject_policy::keep_alive_for_407
                              : viaduct::reject_policy::keep_alive_where_needed;
    for (auto const& [by, each] : all)
        options.verifiers.push_back(each);
    if (!all.empty()) way.auth = std::make_shared<viaduct::authentication>(std::move(options));
}

} // namespace viaduct_proxy
