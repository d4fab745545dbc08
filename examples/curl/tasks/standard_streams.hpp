#ifndef VIADUCT_CURL_TASKS_STANDARD_STREAMS_HPP
#define VIADUCT_CURL_TASKS_STANDARD_STREAMS_HPP

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <thread>

namespace viaduct_curl {

/// The standard input and output as one local socket, for a relay.
/**
 * Two threads copy. So the descriptors stay blocking, as the shell and others share them, and may be
 * anything: a file, which cannot be waited for, as well as a pipe or a terminal.
 */
class standard_streams
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// @param socket Connected, and ours from now on; its other end is for the relay.
    /// @param deadline Nobody who does not read is waited for any longer.
    standard_streams(int socket, std::optional<time_point> deadline);

    ~standard_streams();
    standard_streams(standard_streams const&) = delete;
    standard_streams& operator=(standard_streams const&) = delete;

    /// Waits until all that came has been written, or the time is over. The socket's other end must be
    /// closed: input that comes after that is left where it is.
    void finish();

    /// Whether something could not be written: whoever reads has gone away, or the disk is full.
    [[nodiscard]] bool write_failed() const noexcept { return write_failed_; }

    /// Whether the time was over before everything was written.
    [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }

private:
    void copy_input() noexcept;
    void copy_output() noexcept;
    [[nodiscard]] bool has_input() const noexcept;
    [[nodiscard]] bool write(std::string_view octets) noexcept;
    [[nodiscard]] bool write_in_time(std::string_view octets) noexcept;

    int socket_;
    std::optional<time_point> deadline_;
    std::atomic<bool> write_failed_ = false;
    std::atomic<bool> timed_out_ = false;
    std::thread input_;
    std::thread output_;
};

} // namespace viaduct_curl

#endif
