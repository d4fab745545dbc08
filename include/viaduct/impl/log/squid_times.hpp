#ifndef VIADUCT_IMPL_LOG_SQUID_TIMES_HPP
#define VIADUCT_IMPL_LOG_SQUID_TIMES_HPP

#include <viaduct/impl/log/squid_words.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

namespace viaduct::detail {

/// `1544160065.248`, the seconds with nine digits at least.
inline void append_squid_time(std::string& line, std::chrono::system_clock::time_point time)
{
    auto const ms = to_microseconds(time.time_since_epoch()) / 1000;
    append_digits(line, ms / 1000, 9, ' ');
    line += '.';
    append_digits(line, ms % 1000, 3);
}

[[nodiscard]] inline std::tm broken_down(std::chrono::system_clock::time_point time, bool local) noexcept
{
    auto const seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
#if defined(_WIN32)
    local ? ::localtime_s(&parts, &seconds) : ::gmtime_s(&parts, &seconds);
#else
    local ? ::localtime_r(&seconds, &parts) : ::gmtime_r(&seconds, &parts);
#endif
    return parts;
}

/// `07/Dec/2018:05:21:05`, in English wherever the program runs, and the zone of local time.
class httpd_time
{
public:
    httpd_time(std::chrono::system_clock::time_point time, bool local) noexcept
    {
        constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
        auto const parts = broken_down(time, local);
        put(parts.tm_mday, '/');
        for (char const c : months.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3))
            octets_[size_++] = c;
        octets_[size_++] = '/';
        put((parts.tm_year + 1900) / 100 % 100);
        put((parts.tm_year + 1900) % 100, ':');
        put(parts.tm_hour, ':');
        put(parts.tm_min, ':');
        put(parts.tm_sec);
        if (local) size_ += std::strftime(octets_.data() + size_, octets_.size() - size_, " %z", &parts);
    }

    [[nodiscard]] std::string_view text() const noexcept { return {octets_.data(), size_}; }

private:
    void put(int two_digits, char behind = 0) noexcept
    {
        octets_[size_++] = static_cast<char>('0' + two_digits / 10);
        octets_[size_++] = static_cast<char>('0' + two_digits % 10);
        if (behind != 0) octets_[size_++] = behind;
    }

    std::array<char, 40> octets_{};
    std::size_t size_ = 0;
};

} // namespace viaduct::detail

#endif
