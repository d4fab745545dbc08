// A PROXY header, of either version, says the same however it arrives, takes not an octet of what follows it,
// and says the same once more when it is passed on.

#include "cut_stream.hpp"
#include "target.hpp"
#include <viaduct/net/proxy_header.hpp>
#include <viaduct/net/proxy_protocol.hpp>

#include <string>
#include <string_view>

namespace fuzz::proxy_header_target {
namespace {

using viaduct::proxy_header_facts;
using viaduct::proxy_header_reader;

struct outcome
{
    played run;
    proxy_header_facts facts;
};

[[nodiscard]] outcome read(std::string_view arriving, stream_habits habits = {})
{
    proxy_header_reader reader;
    auto const run = cut_stream{arriving, habits}.run(reader);
    must(run.written.empty(), "a reader writes nothing");
    return {run, reader.header()};
}

[[nodiscard]] bool same(proxy_header_facts const& a, proxy_header_facts const& b)
{
    return a.local == b.local && a.source == b.source && a.destination == b.destination;
}

void check_passed_on(proxy_header_facts const& facts)
{
    using viaduct::proxy_protocol_version;
    for (auto const version : {proxy_protocol_version::v1, proxy_protocol_version::v2}) {
        auto const text = facts.local
                              ? viaduct::proxy_protocol_local(version)
                              : viaduct::proxy_protocol_header(version, facts.source, facts.destination);
        auto const again = read(text + "GET");
        must(!again.run.error && again.run.taken == text.size(), "what is passed on is a header", text);
        must(same(again.facts, facts), "and says the same", text);
    }
}

void check(std::string_view input)
{
    stream_habits const habits{input};
    auto const whole = read(input);
    auto const cut = read(input, habits);
    if (cut.run.failed) return must(cut.run.error == failure(), "a failure is told", input);
    must(cut.run.error == whole.run.error, "cuts change no verdict", input);
    if (whole.run.error) return;
    must(cut.run.taken == whole.run.taken && same(cut.facts, whole.facts), "cuts change nothing", input);
    must(read(input.substr(0, whole.run.taken)).run.error == viaduct::error_code{}, "a header needs no more",
         input);
    auto const less = read(input.substr(0, whole.run.taken - 1));
    must(less.run.error == viaduct::errc::client_closed_before_head, "and no less", input);
    check_passed_on(whole.facts);
}

target const self{"proxy_header", check};

} // namespace
} // namespace fuzz::proxy_header_target
