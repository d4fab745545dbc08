#ifndef VIADUCT_IMPL_LOG_JOURNALD_LINE_SINK_IPP
#define VIADUCT_IMPL_LOG_JOURNALD_LINE_SINK_IPP

#include <viaduct/detail/message_text.hpp>
#include <viaduct/log/journald_line_sink.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <exception>

namespace viaduct {
namespace detail {

/// `NAME=value`; a value of several lines has its size before it instead, in eight octets, lowest first.
inline void append_journal_field(std::string& entry, std::string_view name, std::string_view value)
{
    entry += name;
    if (value.find('\n') == std::string_view::npos)
        entry += '=';
    else {
        entry += '\n';
        for (unsigned shift = 0; shift < 64; shift += 8)
            entry += static_cast<char>((static_cast<std::uint64_t>(value.size()) >> shift) & 0xffU);
    }
    entry.append(value) += '\n';
}

/// What journald takes from a program; names with an underscore before them are its own.
[[nodiscard]] inline bool is_journal_name(std::string_view name) noexcept
{
    auto const is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    return !name.empty() && name.size() <= 64 && is_letter(name[0]) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return is_letter(c) || c == '_' || (c >= '0' && c <= '9'); });
}

[[nodiscard]] inline std::string constant_journal_fields(journald_options const& options)
{
    std::string fields;
    append_journal_field(fields, "PRIORITY", std::to_string(static_cast<int>(options.priority.severity)));
    append_journal_field(fields, "SYSLOG_FACILITY",
                         std::to_string(static_cast<int>(options.priority.facility)));
    append_journal_field(fields, "SYSLOG_IDENTIFIER", options.identifier);
    for (auto const& [name, value] : options.fields) {
        if (!is_journal_name(name))
            throw format_problem{1, "no name for a field of the journal: '" + name + '\'',
                                 "capital letters, digits and underscores, beginning with a letter"};
        append_journal_field(fields, name, value);
    }
    return fields;
}

/// The beginning of a text that is not longer than `most`, and does not end within a character.
[[nodiscard]] inline std::string_view whole_characters(std::string_view text, std::size_t most) noexcept
{
    if (text.size() <= most) return text;
    auto end = most;
    while (end != 0 && most - end < 4 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80)
        --end;
    return text.substr(0, end);
}

} // namespace detail

VIADUCT_DECL journald_line_sink::journald_line_sink(journald_options options)
    : constant_{detail::constant_journal_fields(options)},
      packets_{detail::packet_outlet::settings{
                   {detail::sink_target::kind::local, options.path}, options.timeout, {}, options.failure},
               "journal " + options.path}
{}

VIADUCT_DECL void journald_line_sink::write_line(std::string_view line) noexcept
{
    try {
        auto const text = detail::whole_characters(detail::without_line_feed(line), 64 * 1024);
        entry_.clear();
        detail::append_journal_field(entry_, "MESSAGE", text);
        entry_ += constant_;
    } catch (std::exception const&) {
        return packets_.lose(detail::system_code_of(ENOMEM));
    }
    packets_.send(entry_, 1);
}

} // namespace viaduct

#endif
