#ifndef VIADUCT_DETAIL_CHILD_PROCESS_HPP
#define VIADUCT_DETAIL_CHILD_PROCESS_HPP

#include <cerrno>
#include <csignal>
#include <spawn.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A process of this one's. One that still runs at the end is killed and waited for, so that none is left.
class child_process
{
public:
    child_process() = default;
    child_process(child_process const&) = delete;
    child_process& operator=(child_process const&) = delete;

    ~child_process()
    {
        if (pid_ <= 0) return;
        signal(SIGKILL);
        while (::waitpid(pid_, &status_, 0) == -1 && errno == EINTR) {
        }
    }

    /// Starts a program that reads and writes one end of a socket pair.
    /** @return The other end, owned by the caller; -1 with a value of `errno` in `problem`. */
    [[nodiscard]] int start(std::vector<std::string> const& command, int& problem)
    {
        int ends[2] = {-1, -1};
        problem = command.empty() ? EINVAL : 0;
        if (problem == 0 && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) problem = errno;
        if (problem == 0) problem = spawn(command, ends[1]);
        if (ends[1] != -1) ::close(ends[1]);
        if (problem == 0) return ends[0];
        if (ends[0] != -1) ::close(ends[0]);
        return -1;
    }

    /// Sends a signal to it and to what it has started.
    void signal(int number) const noexcept
    {
        if (pid_ > 0) ::kill(-pid_, number);
    }

    /// Whether it has ended; never blocks.
    [[nodiscard]] bool has_ended() noexcept
    {
        if (pid_ <= 0) return true;
        auto const found = ::waitpid(pid_, &status_, WNOHANG);
        if (found == 0 || (found == -1 && errno == EINTR)) return false;
        is_known_ = found == pid_; // unless the program around has SIGCHLD ignored
        pid_ = 0;
        return true;
    }

    /// How it has ended, for people.
    [[nodiscard]] std::string end_text() const
    {
        if (!is_known_) return "an unknown status";
        if (WIFSIGNALED(status_)) return "signal " + std::to_string(WTERMSIG(status_));
        return "exit status " + std::to_string(WEXITSTATUS(status_));
    }

private:
    struct file_actions
    {
        file_actions() { ::posix_spawn_file_actions_init(&value); }
        file_actions(file_actions const&) = delete;
        file_actions& operator=(file_actions const&) = delete;
        ~file_actions() { ::posix_spawn_file_actions_destroy(&value); }
        posix_spawn_file_actions_t value{};
    };

    struct attributes
    {
        attributes() { ::posix_spawnattr_init(&value); }
        attributes(attributes const&) = delete;
        attributes& operator=(attributes const&) = delete;
        ~attributes() { ::posix_spawnattr_destroy(&value); }
        posix_spawnattr_t value{};
    };

    [[nodiscard]] int spawn(std::vector<std::string> const& command, int end)
    {
        std::vector<char*> words;
        for (auto const& word : command)
            words.push_back(const_cast<char*>(word.c_str())); // as execve is declared; it writes nothing
        words.push_back(nullptr);

        file_actions files;
        attributes how;
        int problem = ::posix_spawn_file_actions_adddup2(&files.value, end, STDIN_FILENO);
        if (problem == 0) problem = ::posix_spawn_file_actions_adddup2(&files.value, end, STDOUT_FILENO);
        // Asio's sockets are not close-on-exec, and a program that holds one holds up its peer.
        if (problem == 0) problem = ::posix_spawn_file_actions_addclosefrom_np(&files.value, 3);
        if (problem == 0) problem = set_signals(how);
        if (problem == 0)
            problem = ::posix_spawn(&pid_, words[0], &files.value, &how.value, words.data(), environ);
        if (problem != 0) pid_ = 0;
        return problem;
    }

    /// A group of its own, no signal blocked, and none ignored because this process ignores it.
    [[nodiscard]] static int set_signals(attributes& how)
    {
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&how.value, &none);
        ::posix_spawnattr_setsigdefault(&how.value, &all);
        ::posix_spawnattr_setpgroup(&how.value, 0);
        return ::posix_spawnattr_setflags(&how.value, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                          POSIX_SPAWN_SETSIGDEF);
    }

    pid_t pid_ = 0;
    int status_ = 0;
    bool is_known_ = false;
};

} // namespace viaduct::detail

#endif
