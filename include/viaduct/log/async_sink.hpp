#ifndef VIADUCT_LOG_ASYNC_SINK_HPP
#define VIADUCT_LOG_ASYNC_SINK_HPP

#include <viaduct/detail/config.hpp>
#include <viaduct/log/line_sink.hpp>
#include <viaduct/log/record_format.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace viaduct {

namespace detail {
class async_writer;
}

/// What becomes of a line that finds a queue full.
enum class full_queue : unsigned char
{
    block,      ///< It waits for room, and whoever brings it waits with it: nothing is lost.
    drop_new,   ///< It is lost.
    drop_oldest ///< It gets in, and the oldest lines that are still in the queue are lost.
};

/// How a queue before a sink behaves.
struct async_sink_options
{
    std::size_t capacity = std::size_t{1} << 20; ///< Octets of lines that may wait; at least 1.
    full_queue when_full = full_queue::drop_new;

    /// Lines that come within this time after others were written wait for it to be over, so that a busy log
    /// costs a few writes and wake-ups; unless there are 64 KiB of them, or half the capacity, or it is time
    /// to flush. 0 writes each as soon as the thread is there.
    std::chrono::milliseconds gather_for{10};

    /// The place behind is told to flush so long after a line that has not been flushed, at most; 0 tells it
    /// after every batch.
    std::chrono::milliseconds flush_interval{1000};

    /// How long `flush` and the destructor wait for a place that does not take its lines.
    std::chrono::milliseconds stop_timeout{5000};

    /// Makes the line that tells in the log of lines the queue has lost (`append_loss`), where they would
    /// have been; empty: there is no such line.
    record_format_ptr format{};
};

/// A queue in front of a place that takes its time, and a thread that empties it.
/**
 * Whoever writes a line copies it into a ring of octets and goes on. The thread takes out what is there, as
 * many whole lines as fit in 64 KiB, and hands them to the place behind in one `write_lines`. The ring, and
 * a buffer as large for what is taken out, are allocated once; of the memory only what was used counts.
 *
 * A line larger than the whole queue is lost. Lost lines are counted and told in the log itself.
 *
 * After a fork the thread is the parent's alone: a process that goes into the background makes its log then.
 * The thread has all signals blocked, so those of the program go to its other threads. The place behind is
 * called on it alone, its trouble handler too; that one must not call this object.
 *
 * Shared objects: safe. Lines of one thread keep their order.
 */
class async_sink final : public line_sink
{
public:
    /// @param to The place behind; nobody else should write to it.
    /** @throws std::bad_alloc, or std::system_error if there is no thread to be had. */
    VIADUCT_DECL explicit async_sink(line_sink_ptr to, async_sink_options options = {});

    async_sink(async_sink const&) = delete;
    async_sink& operator=(async_sink const&) = delete;

    /// Hands over everything that was accepted, flushes, and ends the thread.
    /**
     * That takes as long as the place behind does, but `stop_timeout` at most. A thread that hangs in a write
     * cannot be ended from outside: it is then left behind, with the queue and its share of the place, ends
     * as soon as the write returns, and what was in the queue is lost. The sinks of this library give up by
     * themselves, but for a disk that does not answer. Nobody may be writing any more, nor wait for room.
     */
    VIADUCT_DECL ~async_sink() override;

    /// Takes a line, from any thread; a missing line feed is added.
    /** Allocates nothing, and waits for nobody but those who copy lines too; with `block`, for room. */
    VIADUCT_DECL void write_line(std::string_view line) noexcept override;

    /// Waits until everything that was accepted before is with the place behind and flushed, for
    /// `stop_timeout` at most. From any thread but the queue's own.
    VIADUCT_DECL void flush() noexcept override;

    /// Has the place behind reopen, between the lines before and those after; waits for nothing.
    /**
     * What is asked for several times with no line between happens once, and to rotate includes to reopen. 32
     * such places may be in the queue at once; the last one stands for those beyond.
     */
    VIADUCT_DECL void reopen() noexcept override;

    /// Has the place behind rotate, in the same way.
    VIADUCT_DECL void rotate() noexcept override;

    [[nodiscard]] bool is_shared() const noexcept override { return true; }

    /// The lines that the queue has lost, and those that the place behind has.
    [[nodiscard]] VIADUCT_DECL std::uint64_t lost() const noexcept override;

private:
    std::shared_ptr<detail::async_writer> writer_; // the thread's too
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/log/async_sink.ipp>
#endif

#endif
