#include "tell/meter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace viaduct_curl {
namespace {

using namespace std::chrono_literals;

/// Columns: what COLUMNS says, or the terminal, or one less than is usual.
[[nodiscard]] std::size_t line_width()
{
    std::size_t width = 0;
    if (char const* const named = std::getenv("COLUMNS")) {
        std::string_view const text{named};
        std::from_chars(text.data(), text.data() + text.size(), width);
    }
    winsize terminal{};
    if (width == 0 && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &terminal) == 0) width = terminal.ws_col;
    return width > 20 && width <= 400 ? width : 79;
}

void print(std::string const& text) noexcept
{
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

} // namespace

meter::~meter()
{
    if (drawn_) print("\n");
}

void meter::attach(CURL* to)
{
    curl_easy_setopt(to, CURLOPT_NOPROGRESS, shown_ ? 0L : 1L);
    if (!bar_ || !shown_) return;
    curl_easy_setopt(to, CURLOPT_XFERINFOFUNCTION, &meter::on_progress);
    curl_easy_setopt(to, CURLOPT_XFERINFODATA, static_cast<void*>(this));
}

/// Ten times a second is enough, but the end is always drawn.
int meter::on_progress(void* self, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up) noexcept
try {
    auto& m = *static_cast<meter*>(self);
    auto const total = down_total + up_total;
    auto const done = down + up;
    bool const is_soon = clock::now() - m.drawn_at_ < 100ms;
    if (total > 0) {
        bool const is_end = done >= total;
        if (done != m.last_ && (is_end || !is_soon)) m.draw(total, done);
    } else if (!is_soon && m.drawn_at_ != clock::time_point{}) {
        m.draw_unknown(done);
    } else if (m.drawn_at_ == clock::time_point{}) {
        m.drawn_at_ = clock::now();
    }
    return 0;
} catch (std::exception const&) { // a line less is no reason to stop
    return 0;
}

void meter::draw(std::int64_t total, std::int64_t done)
{
    auto const width = line_width() - 7;
    auto const part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    std::string const bar(static_cast<std::size_t>(static_cast<double>(width) * part), '#');
    print(fmt::format("\r{:<{}} {:5.1f}%", bar, width, part * 100));
    drawn_ = true;
    last_ = done;
    drawn_at_ = clock::now();
}

/// Something that moves to and fro.
void meter::draw_unknown(std::int64_t done)
{
    constexpr std::string_view mover = "-=O=-";
    auto const room = line_width() - mover.size();
    auto const phase = ++step_ % (2 * room);
    auto const at = phase <= room ? phase : 2 * room - phase;
    print(fmt::format("\r{:{}}{}{:{}}", "", at, mover, "", room - at));
    drawn_ = true;
    last_ = done;
    drawn_at_ = clock::now();
}

} // namespace viaduct_curl
