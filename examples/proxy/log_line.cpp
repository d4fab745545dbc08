#include "log_line.hpp"

#include "words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace viaduct_proxy {
namespace {

using named_module = std::pair<std::string_view, log_module>;

constexpr std::array<named_module, 8> modules{{{"stdio", log_module::stdio},
                                               {"daemon", log_module::daemon},
                                               {"syslog", log_module::syslog},
                                               {"udp", log_module::udp},
                                               {"tcp", log_module::tcp},
                                               {"none", log_module::none},
                                               {"stdout", log_module::standard_output},
                                               {"journald", log_module::journald}}};

constexpr std::size_t least_kept = 64 * 1024; // the longest line has 57 KB

constexpr std::array<std::string_view, 4> settings{"logformat", "on-error", "buffer-size", "rotate"};

[[nodiscard]] std::optional<log_module> find_module(std::string_view name)
{
    auto const found =
        std::find_if(modules.begin(), modules.end(), [name](auto const& each) { return each.first == name; });
    return found == modules.end() ? std::nullopt : std::optional{found->second};
}

[[nodiscard]] std::string guess_module(std::string_view wrong)
{
    std::vector<std::string_view> names;
    for (auto const& each : modules)
        names.push_back(each.first);
    return guess(wrong, names);
}

/// A word that leads to a file whatever it looks like.
[[nodiscard]] bool is_plain_path(std::string_view word)
{
    auto const colon = word.find(':');
    return word[0] == '/' || word[0] == '.' || word.find('/') < colon || (colon == word.npos && word != "-");
}

[[nodiscard]] bool needs_place(log_module module)
{
    return module == log_module::stdio || module == log_module::daemon || module == log_module::udp ||
           module == log_module::tcp;
}

/// The file that is our own output is not opened: whoever gave it to us may be another user.
void read_own_output(log_line& to)
{
    if (to.module != log_module::stdio || to.place != "/dev/stdout") return;
    to.module = log_module::standard_output;
    to.place.clear();
}

void read_place(log_line& to, std::string_view word)
{
    auto const colon = word.find(':');
    auto const name = word.substr(0, colon);
    auto const found = word == "-" ? log_module::standard_output : find_module(name);
    bool const is_bare = colon == word.npos;
    if (is_plain_path(word) && !(is_bare && found)) {
        to.place = word;
        return;
    }
    if (!found)
        reject(to.flag, to.value,
               fmt::format("column 1: there is no module '{}'; {}write ./{} for a file of that name", name,
                           guess_module(name), word));
    to.module = *found;
    if (!is_bare) to.place = word.substr(colon + 1);
    if (to.place.empty() && needs_place(to.module))
        reject(
            to.flag, to.value,
            fmt::format("column {0}: '{1}' lacks its place: write {1}:{2}, or ./{1} for a file of that name",
                        word.size() + 1, name, to.module <= log_module::daemon ? "FILE" : "//HOST:PORT"));
}

/// What a log daemon is told may hold a password, as with log_db_daemon: messages leave it out.
void hide_place(log_line& line)
{
    line.value.replace(line.value.find(line.place), line.place.size(), "...");
}

[[nodiscard]] viaduct::on_log_error to_on_error(log_line const& line, std::string_view text)
{
    if (text == "die") return viaduct::on_log_error::die;
    if (text == "drop") return viaduct::on_log_error::drop;
    reject(line.flag, line.value, fmt::format("on-error={}: write on-error=die or on-error=drop", text));
}

void read_setting(log_line& to, std::string_view key, std::string_view text)
{
    if (key == "logformat")
        to.format = text;
    else if (key == "on-error")
        to.on_error = to_on_error(to, text);
    else if (key == "buffer-size")
        to.buffer_size = to_buffer_size(to.flag, to.value, text);
    else if (key == "rotate")
        to.rotate = to_rotation(to.flag, to.value, text);
    else
        reject(to.flag, to.value,
               fmt::format("column {}: there is no option '{}='; {}the options are logformat=, on-error=, "
                           "buffer-size= and rotate=",
                           to.value.find(std::string{key} + '=') + 1, key,
                           guess(key, {settings.begin(), settings.end()})));
}

void check(log_line const& line, bool has_words)
{
    if (line.module == log_module::none && has_words)
        reject(line.flag, line.value, "'none' takes ACLs only: there is nothing to format, or to rotate");
    if (line.module == log_module::none && !line.place.empty())
        reject(line.flag, line.value, "'none' has no place");
    bool const keeps = line.module == log_module::tcp || line.module == log_module::daemon;
    if (keeps && line.buffer_size && *line.buffer_size < least_kept)
        reject(line.flag, line.value,
               fmt::format(
                   "buffer-size= of '{}' is what it keeps while nobody takes lines: write at least 64KB, "
                   "so that the longest one fits",
                   name_of(line.module)));
    if (line.rotate && line.module != log_module::stdio)
        reject(line.flag, line.value,
               fmt::format("rotate= is for files: '{}' has none of ours", name_of(line.module)));
}

} // namespace

std::string_view name_of(log_module module) noexcept
{
    auto const found = std::find_if(modules.begin(), modules.end(),
                                    [module](auto const& each) { return each.second == module; });
    return found->first;
}

unsigned to_rotation(std::string_view flag, std::string_view value, std::string_view text)
{
    return static_cast<unsigned>(to_count(flag, value, text, 1000));
}

std::size_t to_buffer_size(std::string_view flag, std::string_view value, std::string_view text)
{
    auto digits = text;
    for (std::string_view const unit : {"bytes", "b", "B"}) // the last of KB and MB, too
        if (digits.ends_with(unit)) {
            digits.remove_suffix(unit.size());
            break;
        }
    auto const most = std::uint64_t{1} << 30;
    auto const size = to_octets(flag, value, digits);
    if (size > most) reject(flag, value, fmt::format("'{}' is more than a gigabyte", text));
    return static_cast<std::size_t>(size);
}

log_line read_log_line(typed const& what, std::function<bool(std::string_view)> const& is_format)
{
    auto const words = split_plain(what);
    if (words.empty() || words[0].empty())
        reject(what, "write a file name, MODULE:PLACE, or '-' for standard output");
    log_line line;
    line.flag = what.where();
    line.value = what.value;
    read_place(line, words[0]);
    read_own_output(line);
    if (line.module == log_module::daemon) hide_place(line);
    std::size_t at = 1;
    for (; at < words.size(); ++at) {
        auto const setting = as_setting(words[at]);
        if (!setting) break;
        read_setting(line, setting->first, setting->second);
    }
    bool const has_settings = at > 1;
    bool const is_old_form = !has_settings && at < words.size() && is_format(words[at]);
    if (is_old_form) line.format = words[at++];
    line.acls.assign(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
    line.may_be_format =
        !has_settings && !is_old_form && line.module != log_module::none && !line.acls.empty();
    check(line, has_settings || is_old_form);
    return line;
}

} // namespace viaduct_proxy
