// Wherever a request is cut, it is judged alike. One that is accepted was wholly taken, and nothing behind
// it; any other gets one answer, which is a response with an end, and which a slow head and a failing stream
// cannot double.

#include "cut_stream.hpp"
#include "target.hpp"
#include <viaduct/http/content_length.hpp>
#include <viaduct/server/server_handshake.hpp>

#include <string>
#include <string_view>

namespace fuzz::server_handshake_target {
namespace {

using namespace viaduct;

struct outcome
{
    played run;
    connect_request request;
};

[[nodiscard]] outcome play(std::string_view arriving, request_options const& options,
                           stream_habits habits = {})
{
    server_handshake rule{options};
    auto const run = cut_stream{arriving, habits}.run(rule);
    return {run, rule.request()};
}

/// One octet of the input chooses how heads are read.
[[nodiscard]] request_options options_from(unsigned choice)
{
    request_options options;
    if (choice & 1U) options.limits = {120, 60, 4};
    options.kinds = static_cast<request_kinds>((choice >> 1U) % 3);
    options.require_host = (choice & 8U) == 0;
    if (choice & 16U) options.statuses = status_profile::squid;
    return options;
}

void check_answer(std::string_view answer, connect_request const& request)
{
    head_parser head{head_limits{}};
    must(head.parse(answer) == head_state::complete, "an answer has a head", answer);
    error_code ec;
    auto const line = parse_status_line(head.start_line(answer), ec);
    must(!ec && line.status >= 400 && line.status == request.answered_status, "it says no", answer);
    auto const content = answer.size() - head.size();
    must(answer.size() == request.answer_size && content == request.answer_content, "its sizes are told",
         answer);
    auto const announced = content_length(head.fields(answer));
    must(request.method == "HEAD" || announced == content, "it has the length that it announces", answer);
    must(head.fields(answer).has_token("Connection", "close"), "nothing comes behind it", answer);
}

void check_accepted(outcome const& whole, request_options const& options, std::string_view input)
{
    auto const& request = whole.request;
    must(whole.run.written.empty() && request.answered_status == 0, "a valid request is unanswered", input);
    must(request.complete && request.head_size == whole.run.taken, "all of it was taken, and no more", input);
    must(request.target.has_value() != request.asks_for_page, "it asks for a tunnel or for a page", input);
    must(request.target.has_value() == (request.method == "CONNECT"), "by its method", input);
    must(request.fields.count("Host") <= 1 && request.fields.count("Transfer-Encoding") == 0,
         "nothing in it is double", input);
    auto const start = request.method + ' ' + (request.target ? request.target->text() : request.target_text);
    auto const text =
        start + " HTTP/1." + std::to_string(request.minor_version) + "\r\n" + request.fields.block();
    auto wide = options;
    wide.limits = {};
    auto const again = play(text + "\r\n", wide);
    must(!again.run.error && again.request.target == request.target, "passed on, it asks for the same", text);
    must(again.request.fields.block() == request.fields.block(), "with the same fields", text);
}

[[nodiscard]] bool same(connect_request const& a, connect_request const& b)
{
    return a.method == b.method && a.target_text == b.target_text && a.target == b.target &&
           a.asks_for_page == b.asks_for_page && a.minor_version == b.minor_version &&
           a.fields.block() == b.fields.block() && a.complete == b.complete &&
           a.answered_status == b.answered_status;
}

void check_cut(std::string_view input, request_options const& options, stream_habits habits,
               outcome const& whole)
{
    auto const cut = play(input, options, habits);
    if (cut.run.failed && cut.run.error == failure())
        return must(cut.run.written.empty(), "no answer is left", input);
    must(cut.run.error == whole.run.error && same(cut.request, whole.request), "cuts change no verdict",
         input);
    must(cut.run.failed || cut.run.written == whole.run.written, "nor the answer", input);
    if (!whole.run.error) must(cut.run.taken == whole.run.taken, "nor where the tunnel begins", input);
}

/// The time is over when half of the input has come.
void check_expired(std::string_view input, request_options const& options)
{
    server_handshake rule{options};
    auto next = rule.resume({}, 0);
    auto const n = input.copy(next.input.data(), std::min(next.input.size(), input.size() / 2));
    if (n != 0) next = rule.resume({}, n);
    if (next.what != action::kind::read) return;
    rule.expire();
    next = rule.resume(failure(), 0);
    must(next.what == action::kind::write, "who is slow gets an answer", input);
    check_answer(next.output, rule.request());
    must(rule.request().answered_status == 408, "which tells so", input);
    must(rule.resume({}, next.output.size()).error == errc::head_timeout, "and that is the end", input);
}

void check(std::string_view input)
{
    auto const options = options_from(take_octet(input));
    stream_habits const habits{input};
    auto const whole = play(input, options);
    if (!whole.run.error)
        check_accepted(whole, options, input);
    else if (whole.run.error != errc::client_closed_before_head)
        check_answer(whole.run.written, whole.request);
    else
        must(whole.run.written.empty(), "who has gone gets no answer", input);
    check_cut(input, options, habits, whole);
    check_expired(input, options);
}

target const self{"server_handshake", check};

} // namespace
} // namespace fuzz::server_handshake_target
