#include "program_options.hpp"

#include "config/values.hpp"
#include "directive_match.hpp"
#include "words.hpp"
#include <viaduct/detail/machine_name.hpp>

#include <algorithm>

namespace viaduct_proxy {
namespace {

[[nodiscard]] viaduct::port_sharing to_sharing(typed const& text)
{
    if (text.value == "by-system") return viaduct::port_sharing::by_system;
    if (text.value == "one-socket") return viaduct::port_sharing::one_socket;
    reject(text, "write by-system or one-socket");
}

/// A name goes into header fields: what a host or a label may be made of.
[[nodiscard]] std::string to_name(typed const& name)
{
    auto const& text = name.value;
    constexpr char fit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    bool const fits = !text.empty() && text.size() <= 253 && text.find_first_not_of(fit) == std::string::npos;
    if (!fits) reject(name, "write a host name or a label: letters, digits, '-', '.' and '_'");
    return text;
}

[[nodiscard]] viaduct::reject_policy to_reject_policy(typed const& text)
{
    if (text.value == "close") return viaduct::reject_policy::close;
    if (text.value == "keep_alive_where_needed") return viaduct::reject_policy::keep_alive_where_needed;
    if (text.value == "keep_alive_for_407") return viaduct::reject_policy::keep_alive_for_407;
    reject(text, "write close, keep_alive_where_needed or keep_alive_for_407");
}

/// Octal digits.
[[nodiscard]] unsigned to_umask(typed const& text)
{
    auto const number = to_c_number('0' + text.value);
    if (!number || *number < 0 || *number > 0777) reject(text, "write octal digits, such as 027");
    return static_cast<unsigned>(*number);
}

[[nodiscard]] viaduct::status_profile to_status_profile(typed const& text)
{
    if (text.value == "standard") return viaduct::status_profile::standard;
    if (text.value == "squid") return viaduct::status_profile::squid;
    if (text.value == "g3") return viaduct::status_profile::g3;
    if (text.value == "apify") return viaduct::status_profile::apify;
    reject(text, "write standard, squid, g3 or apify");
}

[[nodiscard]] viaduct::head_limits to_head_limits(typed const& text)
{
    auto const size = to_size(text.value);
    if (!size || *size < 1024 || *size > 1024 * 1024) reject(text, "write a size from 1 KB to 1 MB");
    auto limits = viaduct::request_options{}.limits;
    limits.head = limits.line = static_cast<std::size_t>(*size);
    return limits;
}

} // namespace

void program_options::declare(CLI::App& app)
{
    flag_group flags{app, "The program"};
    flags.text("--name", name_, "HOST", "What the proxy calls itself in Proxy-Status and Via");
    flags.on("--hide-reasons", hide_reasons_, "Do not tell clients that nobody knows why they are refused");
    flags.number("--workers", workers_, "Threads that carry tunnels; one for each CPU is enough");
    flags.text("--port-sharing", sharing_, "by-system|one-socket", "How several workers share a port");
    flags.text("--status-profile", statuses_, "standard|squid|g3|apify",
               "Whose statuses refusals have, for those who have scripts for them");
    flags.text("--pid-filename", pid_file_, "FILE|none", "Where the process number goes");
    flags.text("--user", user_, "NAME", "Who to become once the ports are open, if root starts it");
    flags.text("--group", group_, "NAME", "The same, with this group alone");
    flags.seconds("--drain-delay", drain_delay_,
                  "How long /readyz says no at the end before the ports are closed");
    flags.several("--explain", explain_, {2, 3}, "CLIENT TARGET [USER]",
                  "Tell what the rules make of such a request, and end: 0 if it is allowed, 1 if not, 3 if "
                  "that cannot be told from here");
}

void program_options::take(directive_match& line)
{
    line.text("visible_hostname", name_)
        .number("workers", workers_)
        .text("port_sharing", sharing_)
        .on("hide_reasons", hide_reasons_)
        .text("reject_policy", reject_policy_)
        .text("status_profile", statuses_)
        .text("request_header_max_size", header_size_)
        .on("via", via_)
        .time("drain_delay", drain_delay_)
        .text("pid_filename", pid_file_)
        .text("cache_effective_user", user_)
        .text("cache_effective_group", group_)
        .each("unique_hostname", [](typed const&) {})
        .number("max_filedescriptors", descriptors_)
        .text("umask", umask_);
}

/// Who to become: root's file is not root's process.
std::optional<wished_identity> program_options::user() const
{
    if (!is_squid_ && !user_ && !group_) return std::nullopt;
    wished_identity wish;
    if (user_) wish.user = user_->value;
    if (group_) wish.group = group_->value;
    return wish;
}

void program_options::assume_squid()
{
    is_squid_ = true;
    statuses_.value = "squid";
    pid_file_.value = "/run/squid.pid";
    name_.value = viaduct::detail::machine_name();
    if (name_.value.empty()) name_.value = "localhost";
}

void program_options::apply(proxy_options& to) const
{
    if (workers_.value < 1 || workers_.value > 256)
        reject(workers_.where(), std::to_string(workers_.value), "write 1 to 256");
    to.workers = workers_.value;
    if (sharing_) to.sharing = to_sharing(*sharing_);
    to.service.accept.request.name = to_name(name_);
    to.service.way.explain_to_strangers = !hide_reasons_.value;
    if (header_size_) to.service.accept.request.limits = to_head_limits(*header_size_);
    to.service.way.rejects = to_reject_policy(reject_policy_);
    auto const statuses = to_status_profile(statuses_);
    to.service.way.statuses = to.service.accept.request.statuses = statuses;
    to.has_via = via_.value;
    to.pid = {pid_file_.value, !pid_file_.is_written()};
    to.descriptors = descriptors_.value;
    if (umask_) to.umask = to_umask(*umask_);
    to.user = user();
    to.drain_delay = to_duration(drain_delay_, 0, a_day);
    to.explain = explain_;
}

} // namespace viaduct_proxy
