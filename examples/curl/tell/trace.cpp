#include "tell/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>

namespace viaduct_curl {
namespace {

[[nodiscard]] char legible(char octet)
{
    return octet >= 0x20 && octet < 0x7f ? octet : '.';
}

[[nodiscard]] std::string hexadecimal_line(std::string_view octets)
{
    constexpr std::size_t width = 16;
    std::string numbers;
    std::string text;
    for (char const octet : octets) {
        numbers += fmt::format("{:02x} ", static_cast<unsigned char>(octet));
        text += legible(octet);
    }
    numbers.resize(width * 3, ' ');
    return numbers + text;
}

/// How many octets of --trace-ascii's next line are shown, and how many it stands for.
struct ascii_piece
{
    std::size_t shown;
    std::size_t taken;
};

[[nodiscard]] ascii_piece next_piece(std::string_view octets)
{
    constexpr std::size_t width = 64;
    auto const end = octets.find("\r\n");
    if (end <= width) return {end, end + 2};
    auto const size = std::min(width, octets.size());
    return {size, size};
}

[[nodiscard]] std::string ascii_line(std::string_view octets)
{
    std::string text{octets};
    std::transform(text.begin(), text.end(), text.begin(), legible);
    return text;
}

[[nodiscard]] std::string time_of_day()
{
    using namespace std::chrono;
    auto const now = system_clock::now().time_since_epoch();
    auto const whole = static_cast<std::time_t>(duration_cast<seconds>(now).count());
    std::tm local{};
    ::localtime_r(&whole, &local);
    return fmt::format("{:02}:{:02}:{:02}.{:06} ", local.tm_hour, local.tm_min, local.tm_sec,
                       duration_cast<microseconds>(now).count() % 1'000'000);
}

[[nodiscard]] std::string id(long number)
{
    return number < 0 ? "x" : std::to_string(number);
}

} // namespace

std::string dump(std::string_view title, std::string_view octets, bool ascii)
{
    auto out = fmt::format("{}, {} bytes (0x{:x})\n", title, octets.size(), octets.size());
    for (std::size_t at = 0; at < octets.size();) {
        auto const rest = octets.substr(at);
        auto const piece = ascii ? next_piece(rest) : ascii_piece{std::min<std::size_t>(16, rest.size()), 16};
        auto const line = rest.substr(0, piece.shown);
        out += fmt::format("{:04x}: {}\n", at, ascii ? ascii_line(line) : hexadecimal_line(line));
        at += piece.taken;
    }
    return out;
}

void trace_stream::next_transfer() noexcept
{
    ++transfer_;
    connection_ = -1;
}

std::string trace_stream::stamp() const
{
    auto text = how_.trace_time ? time_of_day() : std::string{};
    if (dial_ != 0) return text + fmt::format("[{}] ", dial_);
    if (how_.trace_ids) text += fmt::format("[{}-{}] ", id(transfer_), id(connection_));
    return text;
}

/// Nothing is created before there is something to tell, as in curl.
std::FILE* trace_stream::open()
{
    if (!how_.trace || *how_.trace == "%") return stderr;
    if (*how_.trace == "-") return stdout;
    file_.reset(std::fopen(how_.trace->c_str(), "we"));
    if (file_) return file_.get();
    std::fputs("Warning: Failed to open the file of --trace; it goes to the standard error\n", stderr);
    return stderr;
}

void trace_stream::write(std::string_view text)
{
    if (!to_) to_ = open();
    std::fwrite(text.data(), 1, text.size(), to_);
    std::fflush(to_); // in order with what others write, and there when something goes wrong
}

} // namespace viaduct_curl
