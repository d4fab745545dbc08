#ifndef VIADUCT_DETAIL_SIGPIPE_GUARD_HPP
#define VIADUCT_DETAIL_SIGPIPE_GUARD_HPP

#if defined(__linux__)

#include <cerrno>
#include <csignal>
#include <ctime>

namespace viaduct::detail {

/// Keeps a call from raising SIGPIPE in a program that has not switched it off: splice(2) has no
/// MSG_NOSIGNAL.
/** Put it around the one call; it leaves `errno` alone. */
class sigpipe_guard
{
public:
    sigpipe_guard() noexcept
    {
        ::sigemptyset(&sigpipe_);
        ::sigaddset(&sigpipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
    }
    sigpipe_guard(sigpipe_guard const&) = delete;
    sigpipe_guard& operator=(sigpipe_guard const&) = delete;
    ~sigpipe_guard()
    {
        if (::sigismember(&before_, SIGPIPE) == 1) return; // blocked by its owner, who deals with it
        int const error = errno;
        timespec const now{};
        if (error == EPIPE) ::sigtimedwait(&sigpipe_, nullptr, &now);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        errno = error;
    }

private:
    sigset_t sigpipe_;
    sigset_t before_;
};

} // namespace viaduct::detail

#endif

#endif
