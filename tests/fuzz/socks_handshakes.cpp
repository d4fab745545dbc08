// However a SOCKS proxy's answer arrives, it means the same, and not an octet behind it is taken: that is the
// tunnel's.

#include "cut_stream.hpp"
#include "target.hpp"
#include <viaduct/client/socks4_handshake.hpp>
#include <viaduct/client/socks5_handshake.hpp>

#include <optional>
#include <string_view>

namespace fuzz::socks_handshakes_target {
namespace {

using namespace viaduct;

struct outcome
{
    played run;
    std::optional<unsigned> code;
};

template <class Rule>
[[nodiscard]] outcome play(Rule rule, std::string_view arriving, stream_habits habits = {})
{
    auto const run = cut_stream{arriving, habits}.run(rule);
    return {run, rule.reply_code()};
}

/// How long an answer is that opens a tunnel, as RFC 1928 and RFC 1929 have it.
[[nodiscard]] std::size_t socks5_size(std::string_view answer)
{
    std::size_t const before = answer[1] == '\2' ? 4 : 2;
    switch (answer[before + 3]) {
    case '\1': return before + 10;
    case '\3': return before + 7 + static_cast<unsigned char>(answer[before + 4]);
    default: return before + 22;
    }
}

template <class Rule>
void check_rule(Rule const& rule, std::string_view answer, stream_habits const& habits, unsigned success)
{
    auto const whole = play(rule, answer);
    auto const cut = play(rule, answer, habits);
    must(whole.run.error || whole.code == success, "a tunnel is open if its code says so", answer);
    if (cut.run.failed) return must(cut.run.error == failure(), "a failure is told", answer);
    must(cut.run.error == whole.run.error && cut.code == whole.code, "cuts change no verdict", answer);
    must(cut.run.written == whole.run.written, "nor what is said", answer);
    if (!whole.run.error) must(cut.run.taken == whole.run.taken, "nor where the tunnel begins", answer);
}

void check(std::string_view input)
{
    stream_habits const habits{input};
    authority const name{"broker.example", 8883};
    authority const address{"2001:db8::1", 443};
    credentials const who{"alice", "secret"};
    for (auto const& target : {name, address}) {
        check_rule(socks4_handshake{target, "alice"}, input, habits, socks4_handshake::granted);
        check_rule(socks5_handshake{target}, input, habits, 0);
        check_rule(socks5_handshake{target, who}, input, habits, 0);
    }
    if (auto const v4 = play(socks4_handshake{name}, input); !v4.run.error)
        must(v4.run.taken == 8, "an answer of SOCKS4 has eight octets", input);
    if (auto const v5 = play(socks5_handshake{name, who}, input); !v5.run.error)
        must(v5.run.taken == socks5_size(input), "an answer of SOCKS5 has its length", input);
}

target const self{"socks_handshakes", check};

} // namespace
} // namespace fuzz::socks_handshakes_target
