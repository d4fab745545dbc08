// Reads lines from its standard input and puts each into the sink that its arguments name; for
// log_receivers.py.

#include <viaduct/log/journald_line_sink.hpp>
#include <viaduct/log/syslog_line_sink.hpp>
#include <viaduct/log/tcp_line_sink.hpp>
#include <viaduct/log/udp_line_sink.hpp>

#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using words = std::vector<std::string>;

viaduct::log_failure_options complain()
{
    return {{}, [](viaduct::log_trouble const& trouble) { std::cerr << trouble.text() << '\n'; }};
}

std::uint16_t port_of(words const& arguments)
{
    return static_cast<std::uint16_t>(std::stoi(arguments.at(2)));
}

viaduct::line_sink_ptr syslog(words const& arguments)
{
    viaduct::syslog_options options;
    options.failure = complain();
    options.priority = viaduct::parse_syslog_priority("local4.notice");
    options.app_name = "log-lines";
    if (arguments[0] == "syslog-local")
        options.path = arguments.at(1);
    else {
        bool const udp = arguments[0] == "syslog-udp";
        options.transport = udp ? viaduct::syslog_transport::udp : viaduct::syslog_transport::tcp;
        if (arguments[0] == "syslog-tcp-lines") options.framing = viaduct::syslog_framing::line_feed;
        options.host = arguments.at(1);
        options.port = port_of(arguments);
        options.hostname = "proxy.example";
    }
    return std::make_shared<viaduct::syslog_line_sink>(options);
}

viaduct::line_sink_ptr journal(words const& arguments)
{
    viaduct::journald_options options;
    options.failure = complain();
    options.path = arguments.at(1);
    options.identifier = "log-lines";
    options.priority = viaduct::parse_syslog_priority("local4.notice");
    options.fields = {{"VIADUCT_PLACE", "here"}, {"VIADUCT_TWO_LINES", "first\nsecond"}};
    return std::make_shared<viaduct::journald_line_sink>(options);
}

/// Plain lines over the network.
template <class Sink, class Options>
viaduct::line_sink_ptr plain(words const& arguments)
{
    Options options;
    options.failure = complain();
    options.host = arguments.at(1);
    options.port = port_of(arguments);
    return std::make_shared<Sink>(options);
}

viaduct::line_sink_ptr sink_of(words const& arguments)
{
    auto const& kind = arguments.at(0);
    if (kind.rfind("syslog-", 0) == 0) return syslog(arguments);
    if (kind == "journald") return journal(arguments);
    if (kind == "udp") return plain<viaduct::udp_line_sink, viaduct::udp_line_options>(arguments);
    if (kind == "tcp") return plain<viaduct::tcp_line_sink, viaduct::tcp_line_options>(arguments);
    throw std::invalid_argument{"no such sink: " + kind};
}

} // namespace

/// @return 0 if no line was lost, 1 if one was, 2 if there is no such sink.
int main(int argc, char** argv)
{
    try {
        auto const sink = sink_of({argv + 1, argv + argc});
        for (std::string line; std::getline(std::cin, line);)
            sink->write_line(line + '\n');
        sink->flush();
        return sink->lost() == 0 ? 0 : 1;
    } catch (std::exception const& e) {
        std::cerr << "log_lines: " << e.what() << '\n';
        return 2;
    }
}
