// viaduct-proxy: a CONNECT proxy. Everything that it does is in the library; this file starts and stops it.

#include "options.hpp"
#include <viaduct/log/file_line_sink.hpp>
#include <viaduct/log/formatted_log.hpp>
#include <viaduct/log/squid_native.hpp>
#include <viaduct/log/stream_line_sink.hpp>
#include <viaduct/server/service.hpp>

#include <asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <sys/resource.h>

namespace {

/// The place of the access log, and the format of its lines.
class access_log
{
public:
    explicit access_log(std::string const& where)
    {
        if (where == "-")
            lines_ = std::make_unique<viaduct::stream_line_sink>(std::cout);
        else
            lines_ = std::make_unique<viaduct::file_line_sink>(where);
        log_ = std::make_unique<viaduct::formatted_log>(viaduct::format_squid_native, *lines_);
    }

    [[nodiscard]] viaduct::log_sink* get() const noexcept { return log_.get(); }

private:
    std::unique_ptr<viaduct::line_sink> lines_;
    std::unique_ptr<viaduct::formatted_log> log_;
};

/// Takes as many descriptors as the system gives: a tunnel needs two.
void raise_descriptor_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void announce(viaduct::service const& service)
{
    for (auto const& where : service.endpoints()) {
        bool const v6 = where.address().is_v6();
        fmt::print(stderr, "viaduct-proxy: listening on {}{}{}:{}\n", v6 ? "[" : "",
                   where.address().to_string(), v6 ? "]" : "", where.port());
    }
}

/// Turns signals into what they mean: the first end drains, the second stops, SIGUSR1 opens the log anew.
class signal_desk
{
public:
    signal_desk(asio::io_context& context, viaduct::service& service, proxy_options const& options)
        : signals_{context, SIGTERM, SIGINT, SIGUSR1},
          service_{service},
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
                service_.stop();
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
        if (service_.active() != 0)
            fmt::print(stderr, "viaduct-proxy: waiting up to {:g} s for {} open\n",
                       std::chrono::duration<double>(options_.shutdown_lifetime).count(), service_.active());
        service_.async_drain(options_.shutdown_lifetime, [this](viaduct::error_code) {
            done_ = true;
            signals_.cancel();
        });
    }

    asio::signal_set signals_;
    viaduct::service& service_;
    proxy_options const& options_;
    bool draining_ = false;
    bool done_ = false;
};

void run(proxy_options options)
{
    std::unique_ptr<access_log> log;
    if (options.access_log) log = std::make_unique<access_log>(*options.access_log);
    if (log) options.service.accept.log = log->get();

    asio::io_context context{1}; // one thread
    viaduct::service service{context.get_executor(), options.service};
    signal_desk desk{context, service, options};
    service.start();
    announce(service);
    context.run();
    if (log) log->get()->flush();
}

} // namespace

int main(int argc, char** argv)
{
    try {
        int exit_status = 0;
        auto options = parse_command_line(argc, argv, exit_status);
        if (!options) return exit_status;
        std::signal(SIGPIPE, SIG_IGN); // a log reader that went away is not a reason to stop
        raise_descriptor_limit();
        run(std::move(*options));
        return 0;
    } catch (std::exception const& e) {
        std::fprintf(stderr, "viaduct-proxy: %s\n", e.what());
        return 1;
    }
}
