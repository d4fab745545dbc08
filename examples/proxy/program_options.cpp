#include "program_options.hpp"

#include "words.hpp"

#include <algorithm>

namespace viaduct_proxy {
namespace {

[[nodiscard]] viaduct::port_sharing to_sharing(std::string const& text)
{
    if (text == "by-system") return viaduct::port_sharing::by_system;
    if (text == "one-socket") return viaduct::port_sharing::one_socket;
    reject("--port-sharing", text, "write by-system or one-socket");
}

/// A name goes into header fields: what a host or a label may be made of.
[[nodiscard]] std::string to_name(std::string const& text)
{
    constexpr char fit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    bool const fits = !text.empty() && text.size() <= 253 && text.find_first_not_of(fit) == std::string::npos;
    if (!fits) reject("--name", text, "write a host name or a label: letters, digits, '-', '.' and '_'");
    return text;
}

} // namespace

void program_options::declare(CLI::App& app)
{
    flag_group flags{app, "The program"};
    flags.text("--name", name_, "HOST", "What the proxy calls itself in Proxy-Status and Via");
    flags.on("--hide-reasons", hide_reasons_, "Do not tell clients that nobody knows why they are refused");
    flags.number("--workers", workers_, "Threads that carry tunnels; one for each CPU is enough");
    flags.text("--port-sharing", sharing_, "by-system|one-socket", "How several workers share a port");
    flags.several("--explain", explain_, {2, 3}, "CLIENT TARGET [USER]",
                  "Tell what the rules make of such a request, and end: 0 if it is allowed, 1 if not, 3 if "
                  "that cannot be told from here");
}

void program_options::apply(proxy_options& to) const
{
    if (workers_ < 1 || workers_ > 256) reject("--workers", std::to_string(workers_), "write 1 to 256");
    to.workers = workers_;
    if (sharing_) to.sharing = to_sharing(*sharing_);
    to.service.accept.request.name = to_name(name_);
    to.service.way.explain_to_strangers = !hide_reasons_;
    to.explain = explain_;
}

} // namespace viaduct_proxy
