#include "tell/json_text.hpp"

#include <viaduct/log/escape.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace viaduct_curl {
namespace {

/// Where a piece ends that the escaping takes whole: never within a character.
[[nodiscard]] std::size_t piece_of(std::string_view text)
{
    constexpr std::size_t most = viaduct::escape::max_text;
    if (text.size() <= most) return text.size();
    constexpr std::size_t longest_character = 4;
    auto end = most;
    while (end > most - longest_character && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
        --end;
    return end;
}

} // namespace

std::string json_text(std::string_view text)
{
    std::string quoted = "\"";
    while (!text.empty()) {
        auto const size = piece_of(text);
        viaduct::escape::json(quoted, text.substr(0, size));
        text.remove_prefix(size);
    }
    return quoted + '"';
}

std::string json_text_or_null(std::string_view text)
{
    return text.empty() ? "null" : json_text(text);
}

std::string seconds_text(std::chrono::duration<double> time)
{
    return fmt::format("{:.6f}", time.count());
}

json_object& json_object::add(std::string_view name, std::string_view value)
{
    if (!members_.empty()) members_ += ',';
    members_.append("\"").append(name).append("\":").append(value);
    return *this;
}

} // namespace viaduct_curl
