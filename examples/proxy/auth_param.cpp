// What squid.conf says of authentication: `auth_param SCHEME PARAMETER VALUE`.

#include "auth_options.hpp"
#include "config/values.hpp"
#include "directive_match.hpp"
#include "say.hpp"
#include "words.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace viaduct_proxy {
namespace {

constexpr char blanks[] = " \t";

/// Takes the first word off a line.
[[nodiscard]] std::string take_word(std::string& line)
{
    auto const end = std::min(line.find_first_of(blanks), line.size());
    auto const word = line.substr(0, end);
    line.erase(0, std::min(line.find_first_not_of(blanks, end), line.size()));
    return word;
}

[[nodiscard]] std::uint64_t seconds_of(typed const& what)
{
    auto const time = to_time(what.value);
    if (!time) reject(what, "write a time, such as '2 hours' or '30 minutes'");
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(*time).count());
}

[[nodiscard]] bool is_on(typed const& what)
{
    auto const on = to_on_off(what.value);
    if (!on) reject(what, "write on or off");
    return *on;
}

/// Parameters that make no difference here, and why not.
struct idle_parameter
{
    std::string_view name;
    std::string_view why;
};

constexpr idle_parameter idle_parameters[]{
    {"nonce_garbage_interval", "old nonces are forgotten by themselves"},
    {"check_nonce_count", "a count is good once, always"},
    {"post_workaround", "a CONNECT has no content"},
    {"keep_alive", "these schemes keep their connection, always"},
    {"credentialsttl", "remembered passwords are those of basic"},
};

constexpr char parameters[] =
    "program, children, realm, credentialsttl, casesensitive, utf8, nonce_max_duration, nonce_max_count and "
    "nonce_strictness";

} // namespace

void auth_options::take(directive_match& line)
{
    line.each("auth_param", [this](typed what) { take_parameter(std::move(what)); })
        .text("auth_basic_file", basic_file_)
        .text("auth_digest_file", digest_file_)
        .time("auth_failure_delay", failure_delay_);
}

/// What Squid does where its file says nothing.
void auth_options::assume_squid()
{
    as_written_ = true;
    realm_.value = "Squid proxy-caching web server";
    utf8_.value = false;
}

void auth_options::take_parameter(typed line)
{
    auto rest = line.value;
    auto const scheme_name = take_word(rest);
    auto const by = find_scheme(scheme_name);
    auto const key = take_word(rest);
    // What follows a name that is not known may be a program's arguments, and those hold passwords.
    auto const shown = with_value(line, scheme_name + ' ' + key + (rest.empty() ? "" : " ..."));
    if (!by || key.empty())
        reject(shown, "write basic, digest, negotiate or ntlm, then a parameter and its value");
    if (set(*by, key, with_value(line, rest))) return;
    for (auto const& idle : idle_parameters)
        if (idle.name == key)
            return tell(shown.where() + ' ' + shown.value + ": ignored, " + std::string{idle.why});
    reject(shown, '\'' + key + "' is no parameter of ours; there are " + parameters);
}

bool auth_options::set(scheme by, std::string_view key, typed const& value)
{
    if (key == "program") {
        auto const name = name_of(by);
        programs_.push_back(with_value(value, name + ' ' + value.value));
    } else if (key == "children")
        children_of_[by] = value;
    else if (key == "realm")
        realms_[by] = value;
    else if (key == "casesensitive" && by == scheme::basic)
        case_sensitive_ = with_value(value, is_on(value));
    else if (key == "utf8")
        utf8_ = with_value(value, is_on(value));
    else if (key == "credentialsttl" && by == scheme::basic)
        ttl_ = with_value(value, static_cast<double>(seconds_of(value)));
    else
        return by == scheme::digest && set_nonces(key, value);
    return true;
}

bool auth_options::set_nonces(std::string_view key, typed const& value)
{
    if (key == "nonce_max_duration")
        nonces_.max_age = std::chrono::seconds{seconds_of(value)};
    else if (key == "nonce_max_count")
        nonces_.max_count = static_cast<std::uint32_t>(to_count(value, value.value, 4096));
    else if (key == "nonce_strictness")
        nonces_.strict = is_on(value);
    else
        return false;
    return true;
}

} // namespace viaduct_proxy
