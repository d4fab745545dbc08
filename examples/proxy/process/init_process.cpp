#include "init_process.hpp"

#if defined(__linux__)

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace viaduct_proxy {
namespace {

constexpr int passed_on[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

[[nodiscard]] sigset_t awaited()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (int const number : passed_on)
        sigaddset(&set, number);
    return set;
}

/// Reaps all that have ended. @return The program's status, if it is among them.
[[nodiscard]] std::optional<int> reap(pid_t program)
{
    std::optional<int> ended;
    int status = 0;
    for (pid_t child; (child = ::waitpid(-1, &status, WNOHANG)) > 0;)
        if (child == program) ended = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return ended;
}

/// What a terminal sends, it sends to the program as well.
[[nodiscard]] bool has_reached_all(siginfo_t const& signal)
{
    return signal.si_code == SI_KERNEL;
}

[[nodiscard]] int serve(pid_t program, sigset_t const& set)
{
    ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0U); // what a service manager gave is the program's
    for (;;) {
        siginfo_t signal{};
        if (::sigwaitinfo(&set, &signal) < 0) continue; // interrupted by what is of no interest
        if (signal.si_signo != SIGCHLD) {
            if (!has_reached_all(signal)) ::kill(program, signal.si_signo);
        } else if (auto const ended = reap(program)) {
            return *ended;
        }
    }
}

} // namespace

std::optional<int> serve_as_init()
{
    if (::getpid() != 1) return std::nullopt;
    auto const set = awaited();
    sigset_t before;
    ::sigprocmask(SIG_BLOCK, &set, &before);
    auto const program = ::fork();
    if (program < 0) throw std::runtime_error(std::string{"cannot fork: "} + std::strerror(errno));
    if (program > 0) return serve(program, set);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return std::nullopt;
}

} // namespace viaduct_proxy

#else

std::optional<int> viaduct_proxy::serve_as_init()
{
    return std::nullopt;
} // no containers

#endif
