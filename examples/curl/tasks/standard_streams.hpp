#ifndef VIADUCT_CURL_TASKS_STANDARD_STREAMS_HPP
#define VIADUCT_CURL_TASKS_STANDARD_STREAMS_HPP

#include <atomic>
#include <cstddef>
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
    /// @param socket Connected, and ours from now on; its other end is for the relay.
    explicit standard_streams(int socket);

    ~standard_streams();
    standard_streams(standard_streams const&) = delete;
    standard_streams& operator=(standard_streams const&) = delete;

    /// Waits until all that came has been written. The socket's other end must be closed: input that comes
    /// after that is left where it is.
    void finish();

    /// Whether something could not be written: whoever reads has gone away, or the disk is full.
    [[nodiscard]] bool write_failed() const noexcept { return write_failed_; }

private:
    void copy_input() noexcept;
    void copy_output() noexcept;
    [[nodiscard]] bool has_input() const noexcept;

    int socket_;
    std::atomic<bool> write_failed_ = false;
    std::thread input_;
    std::thread output_;
};

} // namespace viaduct_curl

#endif
