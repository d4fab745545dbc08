// viaduct-proxy: a CONNECT proxy. Everything that it does is in the library; this file starts and stops it.

#include "options.hpp"
#include <viaduct/detail/asio_programs.hpp>
#include <viaduct/log/file_line_sink.hpp>
#include <viaduct/log/formatted_log.hpp>
#include <viaduct/log/squid_native.hpp>
#include <viaduct/log/stream_line_sink.hpp>
#include <viaduct/server/worker_pool.hpp>

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <tuple>
#include <unistd.h>

namespace {

/// Says something to whoever started the program. That nobody listens is no reason to stop.
void tell(std::string const& line) noexcept
{
    std::fputs(("viaduct-proxy: " + line + '\n').c_str(), stderr);
}

/// Opens what is closed of the three standard descriptors, so that no socket takes their numbers.
void fill_standard_descriptors()
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (::fcntl(fd, F_GETFD) == -1)
            std::ignore = ::open("/dev/null", O_RDWR); // takes the lowest free one
}

[[nodiscard]] std::unique_ptr<viaduct::line_sink> open_lines(std::string const& where)
{
    if (where == "-") return std::make_unique<viaduct::stream_line_sink>(std::cout);
    try {
        return std::make_unique<viaduct::file_line_sink>(where);
    } catch (viaduct::system_error const& e) {
        throw std::runtime_error{fmt::format("--access-log '{}': {}", where, e.code().message())};
    }
}

/// The place of the access log, and the format of its lines.
class access_log
{
public:
    explicit access_log(std::string const& where)
        : lines_{open_lines(where)},
          log_{viaduct::format_squid_native, *lines_}
    {}

    [[nodiscard]] viaduct::log_sink* get() noexcept { return &log_; }

private:
    std::unique_ptr<viaduct::line_sink> lines_;
    viaduct::formatted_log log_;
};

/// Takes as many descriptors as the system gives: a tunnel needs two.
void raise_descriptor_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void announce(viaduct::worker_pool const& proxy)
{
    for (auto const& where : proxy.endpoints()) {
        bool const v6 = where.address().is_v6();
        tell(fmt::format("listening on {}{}{}:{}", v6 ? "[" : "", where.address().to_string(), v6 ? "]" : "",
                         where.port()));
    }
}

/// Turns signals into what they mean: the first end drains, the second stops, SIGUSR1 opens the log anew.
class signal_desk
{
public:
    signal_desk(viaduct::net::io_context& context, viaduct::worker_pool& proxy, proxy_options const& options)
        : signals_{context, SIGTERM, SIGINT, SIGUSR1},
          proxy_{proxy},
          options_{options}
    {
        wait();
    }

private:
    void wait()
    {
        signals_.async_wait([this](viaduct::error_code ec, int number) {
            if (ec) return;
            if (number == SIGUSR1)
                reopen_log();
            else if (draining_)
                proxy_.stop();
            else
                drain();
            if (!done_) wait();
        });
    }

    void reopen_log()
    {
        if (options_.service.accept.log) options_.service.accept.log->reopen();
    }

    void drain()
    {
        draining_ = true;
        if (proxy_.active() != 0)
            tell(fmt::format("waiting up to {:g} s for {} open",
                             std::chrono::duration<double>(options_.shutdown_lifetime).count(),
                             proxy_.active()));
        proxy_.async_drain(options_.shutdown_lifetime, [this](viaduct::error_code) {
            done_ = true;
            signals_.cancel();
        });
    }

    viaduct::net::signal_set signals_;
    viaduct::worker_pool& proxy_;
    proxy_options const& options_;
    bool draining_ = false;
    bool done_ = false;
};

void run(proxy_options options)
{
    std::unique_ptr<access_log> log;
    if (options.access_log) log = std::make_unique<access_log>(*options.access_log);
    if (log) options.service.accept.log = log->get();

    viaduct::net::io_context context{viaduct::detail::one_thread_for_io};
    {
        viaduct::worker_pool proxy{context, options.workers, options.service};
        signal_desk desk{context, proxy, options};
        proxy.start();
        announce(proxy);
        context.run();
    }
    if (log) log->get()->flush();
}

} // namespace

int main(int argc, char** argv)
{
    try {
        fill_standard_descriptors();
        int exit_status = 0;
        auto options = parse_command_line(argc, argv, exit_status);
        if (!options) return exit_status;
        std::signal(SIGPIPE, SIG_IGN); // a log reader that went away is not a reason to stop
        raise_descriptor_limit();
        run(std::move(*options));
        return 0;
    } catch (std::exception const& e) {
        tell(e.what());
        return 1;
    }
}
