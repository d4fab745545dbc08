#ifndef VIADUCT_DETAIL_RESERVE_DESCRIPTOR_HPP
#define VIADUCT_DETAIL_RESERVE_DESCRIPTOR_HPP

#if !defined(_WIN32)

#include <viaduct/detail/system_code.hpp>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace viaduct::detail {

/// A descriptor that is kept aside for the moment when there is no other.
/**
 * Where `accept` fails with EMFILE or ENFILE the connection stays in the listener's queue: the client waits
 * for an answer, and the listener is readable, and fails, for ever. With the reserve it can be taken out:
 *
 *     if (reserve_descriptor::helps(ec))
 *         reserve.lend([&] { accept, answer 503 without waiting, close });
 *
 * Distinct objects: safe. Shared objects: unsafe. Another thread may take the descriptor while it is lent:
 * then the accept fails once more, and the reserve is empty until `refill` finds one.
 */
class reserve_descriptor
{
public:
    reserve_descriptor() noexcept { refill(); }
    reserve_descriptor(reserve_descriptor const&) = delete;
    reserve_descriptor& operator=(reserve_descriptor const&) = delete;
    ~reserve_descriptor() { release(); }

    /// Whether an error is the want of a descriptor, this process's or the system's.
    [[nodiscard]] static bool helps(error_code ec) noexcept
    {
        return is_system_error(ec, EMFILE) || is_system_error(ec, ENFILE);
    }

    /// Gives the descriptor free while `use` runs, and takes one again; `use` leaves none of its own open.
    /** @return Whether there was one to give; if not, `use` has not been called. */
    template <class Use>
    bool lend(Use&& use)
    {
        if (!refill()) return false;
        struct reclaim // also where `use` throws
        {
            reserve_descriptor& self;
            ~reclaim() { self.refill(); }
        } const after{*this};
        release();
        std::forward<Use>(use)();
        return true;
    }

    /// Takes a descriptor, if there is none; false if the system has none to give.
    bool refill() noexcept
    {
        if (descriptor_ < 0) descriptor_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        return descriptor_ >= 0;
    }

    /// Gives it back, for whoever needs no reserve any more.
    void release() noexcept
    {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

private:
    int descriptor_ = -1;
};

} // namespace viaduct::detail

#endif

#endif
