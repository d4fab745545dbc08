// viaduct-proxy: a CONNECT proxy. Everything that it does is in the library; this file starts and stops it.

#include "explain.hpp"
#include "log_watch.hpp"
#include "options.hpp"
#include "running_proxy.hpp"
#include "say.hpp"
#include "signal_desk.hpp"
#include "words.hpp"

#include <csignal>
#include <exception>
#include <fcntl.h>
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

/// For as long as it lives a log may end the program.
class mortal
{
public:
    mortal(log_watch& watch, running_proxy& proxy, signal_desk& desk) : watch_{watch}
    {
        watch_.on_death([&] { viaduct::net::post(proxy.context(), [&desk] { desk.end_now(); }); });
    }
    mortal(mortal const&) = delete;
    mortal& operator=(mortal const&) = delete;
    ~mortal() { watch_.on_death({}); }

private:
    log_watch& watch_;
};

/// @param read Reads the configuration anew.
/// @return The exit status.
[[nodiscard]] int run(proxy_options options, signal_desk::configuration read)
{
    auto const watch = std::make_shared<log_watch>();
    {
        running_proxy proxy{std::move(options), watch};
        signal_desk desk{proxy, std::move(read)};
        proxy.start();
        mortal const until_the_end{*watch, proxy, desk};
        proxy.context().run();
    }
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
    return run(std::move(typed->proxy), [=] {
        int ignored = 0;
        auto next = parse_command_line(argc, argv, ignored);
        return next ? std::optional{std::move(next->proxy)} : std::nullopt;
    });
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
