// The far end and the near end of every tunnel of the benchmark: an origin, and a generator of load.

#include "arguments.hpp"
#include "client.hpp"
#include "net.hpp"
#include "origin.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>

namespace {

using bench::arguments;
using bench::failure;
using bench::load_mode;

constexpr char usage[] = R"(usage: bench-load origin [--port PORT] [--threads N]
       bench-load load setup|bulk|ping|idle (--proxy ADDRESS:PORT --target ADDRESS:PORT | --direct ADDRESS:PORT)
                  [--spread N] [--tunnels N] [--count N] [--bytes N] [--up|--down] [--threads N] [--limit SECONDS]
                  [--staged]

origin prints 'listening on 127.0.0.1:PORT' and serves until it is ended.
load prints one JSON object; any error ends the run, is part of the object, and makes the exit status 1.

  --proxy    connect there, and ask for the target with CONNECT
  --direct   connect there, and speak with the origin at once
  --spread   take this many addresses in turn, from that of the target (or of --direct) on
  --tunnels  how many are open at a time
  --count    setup: tunnels; ping: messages
  --bytes    bulk: octets, all tunnels together
  --staged   print 'open' once the tunnels are open and go on with the next line of the standard input; the same again
             after the object. 'idle' does so always.
)";

load_mode to_mode(std::string const& name)
{
    if (name == "setup") return load_mode::setup;
    if (name == "bulk") return load_mode::bulk;
    if (name == "ping") return load_mode::ping;
    if (name == "idle") return load_mode::idle;
    throw failure{"there is no load '" + name + "'"};
}

bench::load_plan to_plan(std::string const& mode, arguments const& typed)
{
    bench::load_plan plan;
    plan.mode = to_mode(mode);
    plan.door = bench::parse_address(typed.text(typed.has("--direct") ? "--direct" : "--proxy"));
    if (!typed.has("--direct")) plan.target = bench::parse_address(typed.text("--target"));
    plan.spread = std::max(1U, typed.number("--spread", 1U));
    plan.tunnels = std::max(1U, typed.number("--tunnels", 1U));
    plan.count = typed.number<std::uint64_t>("--count", 1);
    plan.bytes = typed.number<std::uint64_t>("--bytes", 1 << 20);
    plan.up = typed.has("--up");
    plan.threads = std::clamp(typed.number("--threads", 1U), 1U, plan.tunnels);
    plan.limit = std::chrono::seconds{typed.number("--limit", 60)};
    return plan;
}

/// Reports a stage, and waits for the caller to agree. A caller that has gone ends the run as well.
void pause(char const* stage)
{
    std::printf("%s", stage);
    std::fflush(stdout);
    std::string line;
    std::getline(std::cin, line);
}

double percentile(std::vector<std::uint32_t> const& sorted, double part)
{
    if (sorted.empty()) return 0;
    return sorted[std::size_t(double(sorted.size() - 1) * part)] / 1000.0;
}

std::string to_json(std::string const& mode, bench::load_plan const& plan, bench::load_result result)
{
    auto& times = result.nanoseconds;
    std::ranges::sort(times);
    char text[512];
    std::snprintf(
        text, sizeof text,
        R"({"mode": "%s", "tunnels": %u, "done": %llu, "bytes": %llu, "seconds": %.6f, "errors": 0, )"
        R"("p50_us": %.2f, "p90_us": %.2f, "p99_us": %.2f, "max_us": %.2f})"
        "\n",
        mode.c_str(), plan.tunnels, static_cast<unsigned long long>(result.done),
        static_cast<unsigned long long>(result.bytes), result.seconds, percentile(times, 0.5),
        percentile(times, 0.9), percentile(times, 0.99), percentile(times, 1));
    return text;
}

void load(std::string const& mode, arguments const& typed)
{
    auto const plan = to_plan(mode, typed);
    bool const staged = typed.has("--staged") || plan.mode == load_mode::idle;
    auto const open = [staged] {
        if (staged) pause("open\n");
    };
    auto const done = [&](bench::load_result const& result) {
        auto const text = to_json(mode, plan, result);
        if (staged)
            pause(text.c_str());
        else
            std::printf("%s", text.c_str());
    };
    bench::run_load(plan, {open, done});
}

void run(int argc, char** argv)
{
    std::string const command = argc > 1 ? argv[1] : "";
    bench::raise_descriptor_limit();
    if (command == "origin") {
        arguments const typed{2, argc, argv};
        bench::run_origin(typed.number<std::uint16_t>("--port", 0), typed.number("--threads", 1U));
    } else if (command == "load" && argc > 2) {
        load(argv[2], {3, argc, argv});
    } else {
        std::fputs(usage, stderr);
        throw failure{"say 'origin' or 'load'"};
    }
}

} // namespace

int main(int argc, char** argv)
{
    try {
        run(argc, argv);
        return 0;
    } catch (std::exception const& e) {
        std::string text = e.what();
        std::ranges::replace_if(
            text, [](char c) { return c == '"' || c == '\\' || c < ' '; }, '?');
        std::printf("{\"errors\": 1, \"error\": \"%s\"}\n", text.c_str());
        return 1;
    }
}
