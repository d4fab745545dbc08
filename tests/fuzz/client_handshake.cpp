// Wherever a proxy's answer is cut, it means the same. What is told of it came from it, within the limits; a
// tunnel begins at the first octet behind its head, and no answer, however it is spoilt, brings our
// credentials back into what is shown.

#include "cut_stream.hpp"
#include "target.hpp"
#include <viaduct/client/client_handshake.hpp>
#include <viaduct/client/refusal_body.hpp>

#include <string>
#include <string_view>

namespace fuzz::client_handshake_target {
namespace {

using namespace viaduct;

struct outcome
{
    played head;
    connect_reply reply;
    played body{}; ///< Of a refusal.
    body_framing framing = body_framing::none;
    bool complete = false;
};

/// One octet of the input chooses how answers are read.
[[nodiscard]] connect_options options_from(unsigned choice)
{
    connect_options options;
    if (choice & 1U) options.limits = {120, 60, 4};
    if (choice & 2U) options.max_body = 5;
    if (choice & 4U) options.max_interim = 1;
    if (choice & 8U) options.who = credentials{"alice", "secret"};
    return options;
}

[[nodiscard]] outcome play(std::string_view arriving, connect_options const& options,
                           stream_habits habits = {})
{
    client_handshake rule{{"broker.example", 8883}, options};
    cut_stream stream{arriving, habits};
    outcome result{stream.run(rule), rule.reply()};
    if (result.head.failed || result.reply.status == 0 || result.reply.tunnel_open()) return result;
    refusal_body body{result.reply.status, result.reply.fields.list(), options.max_body};
    result.body = stream.run(body);
    result.reply.body = body.content();
    result.framing = body.framing();
    result.complete = body.complete();
    return result;
}

void check_told(outcome const& whole, connect_options const& options, std::string_view input)
{
    auto const& reply = whole.reply;
    auto const taken = input.substr(0, whole.head.taken);
    must(reply.tunnel_open() == !whole.head.error, "a tunnel is open if its status says so", input);
    must(taken.starts_with(reply.heads), "the heads are those that came", reply.heads);
    if (reply.status != 0) must(taken == reply.heads, "and all that was taken", input);
    must(reply.interim <= options.max_interim + 1, "there is an end to interim answers", input);
    must(reply.heads.size() <= (options.max_interim + 2) * options.limits.head, "and to their size", input);
    must(reply.body.size() <= options.max_body, "and to what is kept of a refusal", input);
    must(reply.heads.find(reply.reason) != std::string::npos, "the reason is in the head", reply.reason);
    if (whole.complete && whole.framing == body_framing::length)
        must(input.substr(taken.size()).starts_with(reply.body), "content is what came", input);
}

void check_cut(outcome const& cut, outcome const& whole, std::string_view input)
{
    if (cut.head.failed) return must(cut.head.error == failure(), "a failure is told", input);
    must(cut.head.error == whole.head.error && cut.reply.status == whole.reply.status,
         "cuts change no verdict", input);
    must(cut.reply.heads == whole.reply.heads && cut.reply.interim == whole.reply.interim, "nor what is told",
         input);
    must(cut.reply.fields.block() == whole.reply.fields.block(), "nor the fields", input);
    if (whole.reply.status != 0) must(cut.head.taken == whole.head.taken, "nor where the head ends", input);
    if (cut.body.failed) return must(cut.body.error == failure(), "a failure is told", input);
    must(cut.body.error == whole.body.error && cut.complete == whole.complete, "nor the end of the content",
         input);
    must(cut.reply.body == whole.reply.body, "nor the content", input);
    if (whole.complete) must(cut.body.taken == whole.body.taken, "nor what may follow it", input);
}

/// What may be shown of a request has everything of it but the secret.
void check_request(connect_options const& options)
{
    client_handshake const rule{{"broker.example", 8883}, options};
    auto const shown = rule.redacted_request();
    must(shown.find("YWxpY2U6c2VjcmV0") == shown.npos, "no credentials are shown", shown);
}

void check(std::string_view input)
{
    auto const options = options_from(take_octet(input));
    stream_habits const habits{input};
    auto const whole = play(input, options);
    check_told(whole, options, input);
    check_cut(play(input, options, habits), whole, input);
    check_request(options);
}

target const self{"client_handshake", check};

} // namespace
} // namespace fuzz::client_handshake_target
