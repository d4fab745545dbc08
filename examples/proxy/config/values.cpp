#include "values.hpp"

#include "conditions.hpp"
#include <viaduct/http/characters.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

namespace viaduct_proxy {

namespace {

using viaduct::characters::iequals;
using milliseconds = std::chrono::milliseconds;
using named_time = std::pair<std::string_view, milliseconds>;

constexpr std::chrono::hours a_day{24};
constexpr std::array<named_time, 10> time_units{{{"millisecond", milliseconds{1}},
                                                 {"second", std::chrono::seconds{1}},
                                                 {"minute", std::chrono::minutes{1}},
                                                 {"hour", std::chrono::hours{1}},
                                                 {"day", a_day},
                                                 {"week", 7 * a_day},
                                                 {"fortnight", 14 * a_day},
                                                 {"month", 30 * a_day},
                                                 {"year", std::chrono::hours{8766}},
                                                 {"decade", std::chrono::hours{87660}}}};

constexpr double most_time = 292.0 * 366 * 86400 * 1000; ///< As much as Squid's nanoseconds can say.
constexpr double most_size = 9007199254740992.0;         ///< 2^53: a double has no larger one exactly.

[[nodiscard]] std::optional<milliseconds> time_unit(std::string_view name) noexcept
{
    if (!name.empty() && (name.back() == 's' || name.back() == 'S')) name.remove_suffix(1);
    for (auto const& [known, length] : time_units)
        if (iequals(name, known)) return length;
    return {};
}

[[nodiscard]] std::optional<std::uint64_t> size_unit(std::string_view name) noexcept
{
    if (iequals(name, "bytes")) return 1;
    if (name.size() > 2 && !iequals(name.substr(1), "bytes")) return {};
    if (iequals(name.substr(0, 2), "KB")) return std::uint64_t{1} << 10U;
    if (iequals(name.substr(0, 2), "MB")) return std::uint64_t{1} << 20U;
    if (iequals(name.substr(0, 2), "GB")) return std::uint64_t{1} << 30U;
    return {};
}

/// Digits, and more of them behind a dot.
[[nodiscard]] std::optional<double> to_decimal(std::string_view text)
{
    auto const odd = text.find_first_not_of("0123456789.");
    bool const good = odd == std::string_view::npos && std::count(text.begin(), text.end(), '.') <= 1;
    if (!good || text.empty() || text == "." || text.size() > 40) return {};
    std::string const whole{text};
    return std::strtod(whole.c_str(), nullptr);
}

struct amount
{
    std::optional<double> number;
    std::string_view unit;
};

[[nodiscard]] amount to_amount(std::string_view text)
{
    auto const end = std::min(text.find_first_of(" \t"), text.size());
    return {to_decimal(text.substr(0, end)), trimmed(text.substr(end))};
}

} // namespace

std::optional<bool> to_on_off(std::string_view text) noexcept
{
    if (text == "on" || text == "enable") return true;
    if (text == "off" || text == "disable") return false;
    return {};
}

std::optional<long> to_c_number(std::string_view text)
{
    std::string const whole{text};
    if (whole.empty() || is_blank(whole.front())) return {};
    char* end = nullptr;
    errno = 0;
    auto const number = std::strtol(whole.c_str(), &end, 0);
    if (errno != 0 || end != whole.c_str() + whole.size()) return {};
    return number;
}

std::optional<milliseconds> to_time(std::string_view text, time_grain grain)
{
    milliseconds const least{grain == time_grain::seconds ? 1000 : 1};
    auto const [number, name] = to_amount(text);
    if (number && *number == 0.0 && name.empty()) return milliseconds{0};
    auto const unit = time_unit(name);
    if (!number || !unit || *unit < least) return {};
    auto const exact = *number * static_cast<double>(unit->count());
    if (exact > most_time) return {};
    auto const whole =
        std::chrono::duration_cast<milliseconds>(std::chrono::duration<double, std::milli>{exact});
    auto const cut = whole - whole % least;
    if (cut.count() == 0 && *number > 0.0) return {};
    return cut;
}

std::optional<std::uint64_t> to_size(std::string_view text, std::uint64_t unit)
{
    auto const [number, name] = to_amount(text);
    auto const factor = name.empty() ? std::optional{unit} : size_unit(name);
    if (!number || !factor) return {};
    auto const exact = *number * static_cast<double>(*factor);
    if (exact > most_size || std::floor(exact) != exact) return {};
    return static_cast<std::uint64_t>(exact);
}

} // namespace viaduct_proxy
