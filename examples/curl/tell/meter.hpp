#ifndef VIADUCT_CURL_TELL_METER_HPP
#define VIADUCT_CURL_TELL_METER_HPP

#include "command/command_line.hpp"

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace viaduct_curl {

/// How far a transfer is: libcurl's own meter, or the bar of -#.
class meter
{
public:
    /// @param shown Not with -s, and not where the answer itself goes to a terminal.
    meter(telling_settings const& how, bool shown) : bar_{how.progress_bar}, shown_{shown && !how.no_meter} {}
    ~meter();
    meter(meter const&) = delete;
    meter& operator=(meter const&) = delete;

    /// Sets what the handle needs; the meter must outlive its next transfer.
    void attach(CURL* to);

private:
    static int on_progress(void* self, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                           curl_off_t up) noexcept;
    void draw(std::int64_t total, std::int64_t done);
    void draw_unknown(std::int64_t done);

    using clock = std::chrono::steady_clock;

    bool bar_;
    bool shown_;
    bool drawn_ = false;
    std::int64_t last_ = -1; // octets
    clock::time_point drawn_at_{};
    std::size_t step_ = 0; // of what moves while nobody knows the total
};

} // namespace viaduct_curl

#endif
