#ifndef VIADUCT_DETAIL_SIGNALS_BLOCKED_HPP
#define VIADUCT_DETAIL_SIGNALS_BLOCKED_HPP

#include <csignal>
#include <initializer_list>
#include <pthread.h>

namespace viaduct::detail {

/// While it stands no signal is for this thread, nor ever for a thread that is started meanwhile: those of a
/// program are for the program's own. What a thread's own faults raise is not blocked, so that the program's
/// handler hears of a crash.
class signals_blocked
{
public:
    signals_blocked() noexcept
    {
        sigset_t all;
        ::sigfillset(&all);
        for (int const fault : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP})
            ::sigdelset(&all, fault);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    signals_blocked(signals_blocked const&) = delete;
    signals_blocked& operator=(signals_blocked const&) = delete;
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

} // namespace viaduct::detail

#endif
