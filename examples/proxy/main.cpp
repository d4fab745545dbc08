// viaduct-proxy: a CONNECT proxy. Everything that it does is in the library; this file starts and stops it.

#include "explain.hpp"
#include "log_watch.hpp"
#include "options.hpp"
#include "process/given_sockets.hpp"
#include "process/init_process.hpp"
#include "process/notifier.hpp"
#include "process/privileges.hpp"
#include "process/pulse.hpp"
#include "process/syslog_notices.hpp"
#include "running_proxy.hpp"
#include "say.hpp"
#include "signal_desk.hpp"
#include "words.hpp"

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <exception>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <sys/resource.h>
#include <sys/stat.h>
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

/// Takes as many descriptors as the system gives, or as are wished: a tunnel needs two.
void set_descriptor_limit(std::size_t wished)
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = wished == 0 ? limit.rlim_max : std::min<rlim_t>(wished, limit.rlim_max);
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

/// What a service manager has given to the program, and wants to hear of it.
struct surroundings
{
    notifier manager = notifier::from_environment();
    given_sockets sockets = given_sockets::from_environment();
};

/// Puts sockets that are there in the places of ports to be opened.
/** A squid.conf without any port is half of one, as while it is being written: Squid does not start either.
 */
void take_sockets(proxy_options& options, given_sockets const& given, bool has_file)
{
    auto& listen = options.service.listen;
    if (options.listens_by_default && given.empty() && has_file)
        throw mistake{"there is no http_port or https_port: write one, such as http_port 3128"};
    if (options.listens_by_default && !given.empty())
        std::erase_if(listen, [](auto const& each) { return !each.pages_only; });
    given.give_to(listen);
}

/// @param read Reads the configuration anew.
/// @return The exit status.
[[nodiscard]] int run(proxy_options options, signal_desk::configuration read, surroundings& around)
{
    auto const whom = options.user ? find_identity(*options.user) : identity{};
    auto const pid = write_pid_file(options.pid);
    auto const watch = std::make_shared<log_watch>();
    {
        running_proxy proxy{std::move(options), watch, whom};
        drop_privileges(whom);
        pulse heart{proxy.context(), around.manager, [&proxy] { return proxy.pool().open_tunnels(); }};
        signal_desk desk{proxy, std::move(read), around.manager, heart};
        proxy.start();
        around.manager.ready();
        mortal const until_the_end{*watch, proxy, desk};
        proxy.context().run();
    }
    return watch->has_died() ? 1 : 0;
}

/// The command line, and the file that it names, as they are now.
[[nodiscard]] std::optional<proxy_options> read_again(int argc, char** argv, given_sockets const& given)
{
    int ignored = 0;
    auto next = parse_command_line(argc, argv, ignored);
    if (!next) return std::nullopt;
    take_sockets(next->proxy, given, next->process.config_file.has_value());
    return std::move(next->proxy);
}

[[nodiscard]] int main_program(int argc, char** argv)
{
    fill_standard_descriptors();
    surroundings around;
    for (int const early : {SIGHUP, SIGUSR1, SIGUSR2})
        std::signal(early, SIG_IGN); // there is nothing yet to be read anew
    if (auto const ended = serve_as_init()) return *ended;
    int exit_status = 0;
    auto typed = parse_command_line(argc, argv, exit_status);
    if (!typed) return exit_status;
    if (!typed->proxy.explain.empty()) return explain_request(typed->proxy);
    if (auto const status = act_instead(typed->process, typed->proxy.pid.path)) return *status;
    if (typed->process.syslog_facility) tell_syslog(*typed->process.syslog_facility);
    std::signal(SIGPIPE, SIG_IGN); // a log reader that went away is not a reason to stop
    set_descriptor_limit(typed->proxy.descriptors);
    if (typed->proxy.umask) ::umask(*typed->proxy.umask);
    take_sockets(typed->proxy, around.sockets, typed->process.config_file.has_value());
    return run(
        std::move(typed->proxy), [=, &around] { return read_again(argc, argv, around.sockets); }, around);
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
