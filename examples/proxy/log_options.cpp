#include "log_options.hpp"

#include "directive_match.hpp"
#include "log_formats.hpp"
#include "log_places.hpp"
#include "words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace viaduct_proxy {
namespace {

[[nodiscard]] viaduct::full_queue to_when_full(typed const& what)
{
    auto const& text = what.value;
    if (text == "block") return viaduct::full_queue::block;
    if (text == "drop-new") return viaduct::full_queue::drop_new;
    if (text == "drop-oldest") return viaduct::full_queue::drop_oldest;
    reject(what, guess(text, {"block", "drop-new", "drop-oldest"}) + "write block, drop-new or drop-oldest");
}

[[nodiscard]] std::size_t to_queue(typed const& what)
{
    auto const size = to_buffer_size(what.where(), what.value, what.value);
    if (size < 4096) reject(what, "write at least 4k: a line that does not fit is lost");
    return size;
}

/// Squid's `none`: what it matches is in none of the logs behind it.
[[nodiscard]] record_condition and_not(record_condition const& wanted, record_condition const& unwanted)
{
    if (!unwanted) return wanted;
    return [wanted, unwanted](viaduct::tunnel_record const& record) {
        return (!wanted || wanted(record)) && !unwanted(record);
    };
}

[[nodiscard]] record_condition either(record_condition const& one, record_condition const& other)
{
    if (!one) return other;
    return [one, other](viaduct::tunnel_record const& record) { return one(record) || other(record); };
}

/// A word that is neither is more often a slip in the name of a format.
void check_first_word(log_line const& line, log_formats const& formats, viaduct::acl_set const& acls)
{
    if (!line.may_be_format) return;
    auto const& word = line.acls.front();
    if (acls.find(std::string_view{word}.substr(word.starts_with('!') ? 1 : 0))) return;
    reject(line.flag, line.value,
           fmt::format("column {}: there is neither a format nor an ACL '{}'; {}see --logformat and --acl",
                       line.value.rfind(word) + 1, word, formats.guess_for(word)));
}

/// Squid's `all` needs no question for each record.
[[nodiscard]] bool is_of_all(log_line const& line)
{
    return std::all_of(line.acls.begin(), line.acls.end(), [](auto const& name) { return name == "all"; });
}

} // namespace

void log_options::declare(CLI::App& app)
{
    flag_group flags{app, "Logs"};
    flags.list("--access-log", logs_, "'PLACE [OPTION...] [FORMAT] [ACL...]'",
               "As access_log in squid.conf: FILE, - (standard output), journald, syslog:FACILITY.PRIORITY, "
               "udp://HOST:PORT, tcp://HOST:PORT, daemon:FILE or none; options are logformat=NAME, "
               "on-error=die|drop, buffer-size=SIZE, rotate=N");
    flags.list("--logformat", formats_, "'NAME SPECIFICATION'", "As logformat in squid.conf");
    flags.text("--logfile-rotate", rotate_, "N",
               "Old files that SIGUSR1 keeps; 0: it opens files anew, for a program that moves them");
    flags.text("--logfile-daemon", daemon_, "PROGRAM", "Who writes the files of 'daemon:'");
    flags.text("--log-queue", queue_, "SIZE", "Octets of lines that wait for a slow place, for each log");
    flags.text("--log-when-full", when_full_, "block|drop-new|drop-oldest",
               "What becomes of lines for which there is no room there");
    flags.on("--log-starts", starts_, "A record when a tunnel opens, too");
    flags.seconds("--log-every", every_, "A record of each open tunnel so often, too; 0: none");
}

void log_options::take(directive_match& line)
{
    line.list("access_log", logs_)
        .list("logformat", formats_)
        .text("logfile_rotate", rotate_)
        .text("logfile_daemon", daemon_)
        .text("log_queue", queue_)
        .text("log_when_full", when_full_)
        .on("log_starts", starts_)
        .time("log_every", every_);
}

void log_options::assume_squid()
{
    is_squid_ = true;
    rotate_.value = "10";
}

/// All logs; where a file says nothing, that of Squid.
std::vector<typed> log_options::logs() const
{
    if (!logs_.empty() || !is_squid_) return logs_;
    return {{"daemon:/var/log/squid/access.log squid", "access_log", "by default", {}}};
}

/// Squid's log daemon writes a file and nothing else, which a thread of ours does as well; another daemon is
/// run.
void log_options::replace_daemon(log_line& line) const
{
    if (is_squid_ && !daemon_.is_written() && line.module == log_module::daemon)
        line.module = log_module::stdio;
}

void log_options::apply(proxy_options& to, viaduct::acl_set const& acls) const
{
    log_formats formats;
    for (auto const& value : formats_)
        formats.add(value);
    auto& plan = to.logs;
    plan.rotate = to_rotation(rotate_.where(), rotate_.value, rotate_.value);
    plan.daemon = daemon_.value;
    plan.queue = to_queue(queue_);
    plan.when_full = to_when_full(when_full_);
    to.service.log_starts = starts_.value;
    to.service.log_every = to_duration(every_, 0, a_year);
    record_condition unwanted;
    for (auto const& value : logs()) {
        planned_log one;
        one.line =
            read_log_line(value, [&formats](std::string_view name) { return formats.find(name) != nullptr; });
        replace_daemon(one.line);
        bool const is_none = one.line.module == log_module::none;
        check_place(one.line);
        check_first_word(one.line, formats, acls);
        if (!is_none) one.format = formats.get(one.line);
        if (!is_of_all(one.line)) one.wanted = to_condition(one.line, acls);
        if (is_none && !one.wanted) break; // nothing is left for those behind it
        if (is_none) {
            unwanted = either(unwanted, one.wanted);
        } else {
            one.wanted = and_not(one.wanted, unwanted);
            plan.logs.push_back(std::move(one));
        }
    }
}

} // namespace viaduct_proxy
