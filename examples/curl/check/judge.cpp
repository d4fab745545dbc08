#include "judge.hpp"

#include "reading.hpp"
#include <viaduct/http/characters.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace viaduct_curl::check {
namespace {

/// The status of a server that understood, and wants none of it: this form, this method, this version.
[[nodiscard]] bool is_refusal_of_form(unsigned status)
{
    return status / 100 == 4 || status == 501 || status == 505;
}

/// Whether it went as it did with a well-formed request that got beyond the proxy's rules.
[[nodiscard]] bool taken(reading const& it, reading const& control)
{
    return it.accepted() || (it.failed() && it.status() == control.status());
}

[[nodiscard]] finding judge_control(reading const& it)
{
    if (it.status() == 407)
        return {verdict::untold,
                {},
                "most of what follows can only be told with credentials that it takes as Basic"};
    return {it.answers.empty() ? verdict::untold : verdict::ok};
}

[[nodiscard]] finding judge_target(reading const& it, reading const& control)
{
    if (it.accepted()) return {verdict::risk, {}, "it says that there is a tunnel"};
    if (is_refusal_of_form(it.status())) return {verdict::ok};
    if (taken(it, control))
        return {verdict::note, {}, "the same answer as for a good target: it was taken for one"};
    if (it.failed()) return {verdict::note, {}, "refused as if something had failed on the way"};
    if (it.has_ended()) return {verdict::note, {}, "refused without telling the client"};
    return {verdict::note, {}, it.silent() ? "it seems to be on its way there" : ""};
}

/// Heads: what it means that one is taken is up to the vector.
[[nodiscard]] finding judge_head(reading const& it, reading const& control, verdict if_taken)
{
    if (taken(it, control)) return {if_taken, {}, if_taken == verdict::ok ? "" : "taken like a good one"};
    if (it.status() != 0 && it.status() == control.status())
        return {verdict::untold, {}, "a good one is refused just so"};
    if (it.refused() || it.failed() || it.has_ended()) return {verdict::ok};
    if (it.silent() && control.silent()) return {verdict::untold, {}, "a good one gets no answer either"};
    return {verdict::note, {}, "neither refused nor answered"};
}

/// Whether the port of inward targets is refused with any host. Some look at the port before they look for
/// the name, others after that; and some refuse the address that nobody has.
[[nodiscard]] bool is_port_refused(comparison const& beside)
{
    return reading{beside.name_at_port}.refused() ||
           (reading{beside.nobody_at_port}.refused() && !reading{beside.nobody_at_443}.refused());
}

/// Whether what is no refusal looks like an attempt: something failed, or there was no answer in time
/// although good requests get one.
[[nodiscard]] bool tried_to_connect(reading const& it, reading const& control)
{
    return it.failed() || (it.silent() && !control.silent());
}

[[nodiscard]] finding judge_inward(reading const& it, comparison const& beside, bool spelling)
{
    if (it.accepted()) return {verdict::risk, {}, "it says that there is a tunnel"};
    if (it.refused() && it.status() == reading{beside.control}.status())
        return {verdict::untold, {}, "a good one is refused just so"};
    if (it.refused() && is_port_refused(beside))
        return {verdict::untold, {}, "this port is refused with any host"};
    if (it.refused() || it.has_ended()) return {verdict::ok};
    if (!tried_to_connect(it, reading{beside.control}))
        return {verdict::untold, {}, "no answer to be judged by"};
    if (spelling) return {verdict::note, {}, "not refused, if only looked up as a name"};
    return {verdict::risk, {}, "not refused: it has tried to connect"};
}

/// Ports. That of the proxy itself is one, so rules on ports are as good as rules on addresses.
[[nodiscard]] finding judge_port(reading const& it, reading const& control, verdict if_open)
{
    if (it.accepted()) return {if_open, {}, "it says that there is a tunnel"};
    if (it.refused() || it.has_ended()) return {verdict::ok};
    if (!tried_to_connect(it, control)) return {verdict::untold, {}, "no answer to be judged by"};
    return {if_open, {}, "not refused: it has tried to connect"};
}

[[nodiscard]] finding judge_behind_refusal(reading const& it)
{
    if (it.answers.empty()) return {it.has_ended() ? verdict::ok : verdict::untold};
    if (it.accepted()) return {verdict::untold, {}, "it was not refused"};
    if (it.answers.size() > 1) return {verdict::risk, {}, "what stood behind was answered"};
    if (it.has_ended()) return {verdict::ok};
    return {verdict::note, {}, "not answered, but the connection stays open"};
}

[[nodiscard]] finding judge_407(probe_vector const& what, reading const& it, bool encrypted)
{
    if (it.status() != 407) return {verdict::untold, "asks for no credentials"};
    auto const& said = it.answers.front();
    auto const offered = said.fields.find("Proxy-Authenticate");
    switch (what.asked) {
    case question::challenge:
        if (!offered) return {verdict::risk, "no Proxy-Authenticate"};
        return {verdict::ok, shown(*offered)};
    case question::frames_407:
        if (said.framed) return {verdict::ok, "framed"};
        if (it.has_ended()) return {verdict::ok, "ends with the connection"};
        return {verdict::risk, "neither framed nor closed"};
    case question::closes_407:
        if (it.has_ended()) return {verdict::ok, "closed"};
        return {verdict::note, "kept open"};
    default:
        bool const basic = offered && viaduct::characters::iequals(offered->substr(0, 5), "Basic");
        if (!basic) return {verdict::ok, "asks for something else"};
        return encrypted ? finding{verdict::ok, "within TLS"} : finding{verdict::note, "Basic, in the clear"};
    }
}

[[nodiscard]] finding judge_tunnel_framing(reading const& it)
{
    if (!it.accepted()) return {verdict::untold, "no tunnel came about"};
    for (auto const* name : {"Content-Length", "Transfer-Encoding"})
        if (it.answers.front().fields.find(name)) return {verdict::risk, fmt::format("has {}", name)};
    return {verdict::ok, "none"};
}

/// Fields that name programs and machines.
[[nodiscard]] finding judge_leaks(reading const& it)
{
    if (it.answers.empty()) return {verdict::untold, "no answer to look at"};
    std::string names;
    for (auto const* name : {"Server", "Via", "Proxy-Agent", "X-Cache", "X-Cache-Lookup", "X-Squid-Error"})
        if (auto const value = it.answers.front().fields.find(name))
            names += fmt::format("{}{}: {}", names.empty() ? "" : "; ", name, shown(*value));
    return names.empty() ? finding{verdict::ok, "none"} : finding{verdict::note, names};
}

/// What the target says, beside what it said to a client in no hurry.
[[nodiscard]] finding judge_carrying(reading const& it, reading const& talk, std::string_view if_lost)
{
    if (it.carries()) return {verdict::ok, "the target's answer came"};
    if (!talk.accepted()) return {verdict::untold, {}, "no tunnel came about"};
    if (!talk.carries()) return {verdict::untold, {}, "this target says nothing to a GET"};
    if (!it.accepted()) return {verdict::note, {}, "no tunnel, where there was one without"};
    return {verdict::note, {}, std::string{if_lost}};
}

[[nodiscard]] finding judge_talk(reading const& it)
{
    if (it.carries()) return {verdict::ok, "the target's answer came"};
    return {verdict::untold, {}, it.accepted() ? "the target says nothing to a GET" : "no tunnel came about"};
}

[[nodiscard]] finding judge_end(reading const& it, reading const& control)
{
    if (it.status() != 0) return {verdict::ok};
    if (control.status() == 0) return {verdict::untold, {}, "nothing gets an answer"};
    return {verdict::note, {}, "no answer, where others get one"};
}

/// What a server of HTTP/2 says first (RFC 9113 section 3.4).
[[nodiscard]] bool is_settings_frame(std::string_view octets)
{
    constexpr std::size_t frame_head = 9;
    return octets.size() >= frame_head && octets.substr(3, 1) == "\4" &&
           octets.substr(5, 4) == std::string(4, '\0');
}

[[nodiscard]] finding judge_preface(reading const& it)
{
    if (it.accepted()) return {verdict::risk, {}, "a tunnel for no CONNECT"};
    if (it.answers.size() > 1) return {verdict::risk, {}, "its two parts were read as two requests"};
    if (is_settings_frame(it.seen.received)) return {verdict::ok, "speaks HTTP/2"};
    return {it.silent() ? verdict::note : verdict::ok};
}

[[nodiscard]] finding judge_slow(reading const& it)
{
    auto const seconds = static_cast<double>(it.seen.took.count()) / 1000;
    if (it.seen.end == ending::silent)
        return {verdict::note, fmt::format("still waits after {:.1f} s", seconds)};
    auto const how = it.status() != 0 ? std::to_string(it.status())
                     : it.has_ended() ? "closed"
                                      : "something else";
    return {verdict::ok, fmt::format("{} after {:.1f} s", how, seconds)};
}

[[nodiscard]] finding answer_to(probe_vector const& what, reading const& it, comparison const& beside)
{
    reading const control{beside.control};
    switch (what.asked) {
    case question::control: return judge_control(it);
    case question::told: return {it.answers.empty() ? verdict::untold : verdict::ok};
    case question::target: return judge_target(it, control);
    case question::must_refuse: return judge_head(it, control, verdict::risk);
    case question::better_refuse: return judge_head(it, control, verdict::note);
    case question::either: return judge_head(it, control, verdict::ok);
    case question::preface: return judge_preface(it);
    case question::inward: return judge_inward(it, beside, false);
    case question::inward_spelling: return judge_inward(it, beside, true);
    case question::loop: return judge_port(it, control, verdict::risk);
    case question::bad_port: return judge_port(it, control, verdict::risk);
    case question::other_port: return judge_port(it, control, verdict::note);
    case question::behind_refusal: return judge_behind_refusal(it);
    case question::tunnel_framing: return judge_tunnel_framing(it);
    case question::leaks: return judge_leaks(it);
    case question::talk: return judge_talk(it);
    case question::passed_early:
        return judge_carrying(it, reading{beside.talk}, "octets before the answer were not passed on");
    case question::half_close:
        return judge_carrying(it, reading{beside.talk}, "the client's end has cut off the answer");
    case question::answered_at_end: return judge_end(it, control);
    case question::slow: return judge_slow(it);
    default: return judge_407(what, it, beside.encrypted);
    }
}

} // namespace

finding judge(probe_vector const& what, observation const& seen, comparison const& beside)
{
    if (seen.end == ending::untried) return {verdict::untold, describe(seen)};
    if (seen.end == ending::unreachable)
        return {verdict::note, describe(seen), "other connections could be made"};
    auto found = answer_to(what, {.seen = seen}, beside);
    if (found.did.empty()) found.did = describe(seen);
    return found;
}

} // namespace viaduct_curl::check
