#ifndef VIADUCT_IMPL_LOG_DAEMON_LINE_SINK_IPP
#define VIADUCT_IMPL_LOG_DAEMON_LINE_SINK_IPP

#include <viaduct/detail/child_process.hpp>
#include <viaduct/detail/message_text.hpp>
#include <viaduct/log/daemon_line_sink.hpp>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <thread>
#include <utility>

namespace viaduct {
namespace detail {

/// Starts the program in place of the one before, and tells it first how it is to work.
class program_opener final : public stream_opener
{
public:
    program_opener(std::vector<std::string> command, std::string preamble)
        : command_{std::move(command)},
          preamble_{std::move(preamble)}
    {}

    [[nodiscard]] error_code open(sink_socket& socket, sink_socket::clock::time_point until) override
    {
        process_ = std::make_unique<child_process>();
        int problem = 0;
        int const descriptor = process_->start(command_, problem);
        if (problem != 0) return system_code_of(problem);
        socket.adopt(descriptor);
        std::size_t sent = 0;
        (void)socket.send(preamble_, until,
                          sent); // fails only if it has ended already, which is found out soon
        return {};
    }

    /// Waits until it has ended; after the grace it is asked to, and after that made to.
    void finish(sink_socket& socket, std::chrono::milliseconds grace) noexcept
    {
        if (!process_) return;
        auto const asked_at = later(sink_socket::clock::now(), grace);
        if (socket.is_open()) socket.await_end(asked_at);
        if (!ends_until(asked_at)) {
            process_->signal(SIGTERM);
            (void)ends_until(later(asked_at, grace));
        }
        process_.reset();
    }

private:
    /// There is no event for the end of a process that a library could take.
    [[nodiscard]] bool ends_until(sink_socket::clock::time_point until) noexcept
    {
        while (!process_->has_ended()) {
            if (sink_socket::clock::now() >= until) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        return true;
    }

    std::vector<std::string> command_;
    std::string preamble_;
    std::unique_ptr<child_process> process_;
};

inline constexpr std::size_t max_daemon_command = 65'535;

[[nodiscard]] inline std::string preamble_of(daemon_line_options const& options)
{
    return 'r' + std::to_string(options.keep) + (options.buffered ? "\nb1\n" : "\nb0\n");
}

/// Without its arguments: those of log_db_daemon hold a password.
[[nodiscard]] inline std::string name_of_program(daemon_line_options const& options)
{
    return "daemon " + (options.command.empty() ? "without a command" : options.command.front());
}

} // namespace detail

VIADUCT_DECL daemon_line_sink::daemon_line_sink(daemon_line_options options)
    : keep_{options.keep},
      grace_{options.shutdown_grace},
      program_{std::make_unique<detail::program_opener>(options.command, detail::preamble_of(options))},
      outlet_{detail::stream_outlet::settings{options.timeout, options.restart_pause, options.buffer_size,
                                              options.failure},
              detail::name_of_program(options), *program_}
{
    if (auto const ec = outlet_.open()) throw system_error(ec, detail::name_of_program(options));
}

VIADUCT_DECL daemon_line_sink::~daemon_line_sink()
{
    outlet_.finish();
    program_->finish(outlet_.socket(), grace_);
}

VIADUCT_DECL void daemon_line_sink::keep(std::string_view line) noexcept
{
    try {
        line_ = 'L';
        detail::append_one_line(line_, line, detail::max_daemon_command - 1);
    } catch (std::exception const&) {
        return outlet_.lose(detail::system_code_of(ENOMEM));
    }
    outlet_.put(line_);
}

VIADUCT_DECL void daemon_line_sink::command(std::string_view text) noexcept
{
    outlet_.put(text, 0);
    outlet_.send();
}

VIADUCT_DECL void daemon_line_sink::write_line(std::string_view line) noexcept
{
    keep(line);
    outlet_.send();
}

VIADUCT_DECL void daemon_line_sink::write_lines(std::string_view lines) noexcept
{
    detail::for_each_line(lines, [this](std::string_view line) { keep(line); });
    outlet_.send();
}

VIADUCT_DECL void daemon_line_sink::flush() noexcept
{
    command("F\n");
}

VIADUCT_DECL void daemon_line_sink::rotate() noexcept
{
    command("R\n");
}

VIADUCT_DECL void daemon_line_sink::reopen() noexcept
{
    if (keep_ == 0) return rotate();
    try {
        command("r0\nR\nr" + std::to_string(keep_) + '\n');
    } catch (std::exception const&) { // no memory for a word: the file stays as it is
    }
}

} // namespace viaduct

#endif
