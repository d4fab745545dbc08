#include "control.hpp"

#include "../say.hpp"
#include "pid_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace viaduct_proxy {
namespace {

struct known_verb
{
    std::string_view name;
    verb what;
    int signal;
};

/// Of a beginning that fits several, the first counts.
constexpr known_verb known[] = {
    {"reconfigure", verb::reconfigure, SIGHUP},
    {"rotate", verb::rotate, SIGUSR1},
    {"debug", verb::debug, SIGUSR2},
    {"shutdown", verb::shutdown, SIGTERM},
    {"interrupt", verb::interrupt, SIGINT},
    {"kill", verb::kill, SIGKILL},
    {"check", verb::check, 0},
    {"parse", verb::parse, 0},
};

[[nodiscard]] int signal_of(verb what)
{
    for (auto const& each : known)
        if (each.what == what) return each.signal;
    return 0;
}

[[nodiscard]] bool ends_it(verb what)
{
    return what == verb::shutdown || what == verb::interrupt || what == verb::kill;
}

} // namespace

verb to_verb(std::string_view word)
{
    for (auto const& each : known)
        if (!word.empty() && each.name.starts_with(word)) return each.what;
    if (word == "restart")
        throw std::runtime_error(
            "-k restart: reconfigure reads everything anew; another program needs a restart "
            "by the service manager");
    throw std::runtime_error(
        fmt::format("-k '{}': write reconfigure, rotate, debug, shutdown, interrupt, kill, "
                    "check or parse",
                    printable(std::string{word})));
}

void control(std::string const& path, verb what, bool wait)
{
    if (path.empty() || path == "none")
        throw std::runtime_error("-k needs a pid file to find who runs, and pid_filename is none");
    pid_file_reader const file{path};
    if (::kill(file.holder(), signal_of(what)) != 0)
        throw std::runtime_error(fmt::format("pid file {}: process {} cannot be sent a signal: {}{}",
                                             printable(path), file.holder(), std::strerror(errno),
                                             errno == EPERM ? "; try it as root" : ""));
    if (wait && ends_it(what)) file.wait_for_end();
}

} // namespace viaduct_proxy
