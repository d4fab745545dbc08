// viaduct-curl: curl's switches, exit codes and -w, with Viaduct on the way to the proxy and through it.

#include "check/check_task.hpp"
#include "command/command_line.hpp"
#include "command/help.hpp"
#include "command/values.hpp"
#include "failure.hpp"
#include "tasks/explain_noproxy.hpp"
#include "tasks/forward.hpp"
#include "tasks/stdio.hpp"
#include "tell/verbose.hpp"
#include "transfer/transfer_all.hpp"

#include <curl/curl.h>

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <string_view>
#include <tuple>
#include <unistd.h>

namespace {

using namespace viaduct_curl;

/// Keeps 0, 1 and 2 from becoming sockets where the caller has closed them; what is written to them fails.
void fill_standard_descriptors()
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (::fcntl(fd, F_GETFD) == -1)
            std::ignore = ::open("/dev/null", O_RDONLY); // takes the lowest free one
}

/// Whoever has closed the stream does not want to know.
void print(std::FILE* to, std::string_view text) noexcept
{
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to);
}

int run(int argc, char** argv)
{
    fill_standard_descriptors();
    std::signal(SIGPIPE, SIG_IGN); // a reader who goes away shows as an error of the write
    if (auto const code = curl_global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK)
        throw failure{code, curl_easy_strerror(code)};
    auto const command = parse_command_line(argc, argv);
    switch (command.what) {
    case task::help: print(stdout, help_text(command.help_topic)); return 0;
    case task::version: print(stdout, version_text()); return 0;
    case task::stdio: return run_stdio(command);
    case task::forward: return run_forward(command);
    case task::explain_noproxy: print(stdout, printable(explain_noproxy(command))); return 0;
    case task::check_proxy: return run_check(command);
    default: return transfer_all(command);
    }
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (failure const& e) {
        complain(e);
        return e.exit_code();
    } catch (std::exception const& e) {
        std::fprintf(stderr, "viaduct-curl: (%d) %s\n", CURLE_FAILED_INIT, e.what());
        return CURLE_FAILED_INIT;
    }
}
