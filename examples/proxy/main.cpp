// viaduct-proxy: a CONNECT proxy. Everything that it does is in the library; this file starts and stops it.

#include "explain.hpp"
#include "log_plan.hpp"
#include "options.hpp"
#include "proxy_log.hpp"
#include "say.hpp"
#include "shortage_notice.hpp"
#include "signal_desk.hpp"
#include "words.hpp"

#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <sys/resource.h>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace viaduct_proxy {
namespace {

/// Opens what is closed of the three standard descriptors, so that no socket takes their numbers.
void fill_standard_descriptors()
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (::fcntl(fd, F_GETFD) == -1)
            std::ignore = ::open("/dev/null", O_RDWR); // takes the lowest free one
}

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

/// @return The exit status.
[[nodiscard]] int run(proxy_options options)
{
    auto const watch = std::make_shared<log_watch>();
    proxy_log log{open_logs(options.logs, watch)};
    options.service.accept.log = &log;
    shortage_notice shortage;
    options.service.accept.on_exhausted = std::ref(shortage);

    viaduct::net::io_context context{viaduct::detail::one_thread_for_io};
    {
        viaduct::worker_pool proxy{context, options.workers, options.service, options.sharing};
        signal_desk desk{context, proxy, options, log};
        options.helpers->start();
        proxy.start();
        announce(proxy);
        watch->on_death([&] { viaduct::net::post(context, [&desk] { desk.end_now(); }); });
        context.run();
        watch->on_death({});
        options.helpers->stop();
    }
    log.flush();
    return watch->has_died() ? 1 : 0;
}

[[nodiscard]] int main_program(int argc, char** argv)
{
    fill_standard_descriptors();
    int exit_status = 0;
    auto typed = parse_command_line(argc, argv, exit_status);
    if (!typed) return exit_status;
    if (!typed->proxy.explain.empty()) return explain_request(typed->proxy);
    if (auto const status = act_instead(typed->process, typed->proxy.pid.path)) return *status;
    std::signal(SIGPIPE, SIG_IGN); // a log reader that went away is not a reason to stop
    raise_descriptor_limit();
    return run(std::move(typed->proxy));
}

} // namespace
} // namespace viaduct_proxy

int main(int argc, char** argv)
{
    try {
        return viaduct_proxy::main_program(argc, argv);
    } catch (viaduct_proxy::mistake const& e) {
        viaduct_proxy::tell(e.what());
        return 2;
    } catch (std::exception const& e) {
        viaduct_proxy::tell(e.what());
        return 1;
    }
}
