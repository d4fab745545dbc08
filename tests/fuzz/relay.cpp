// A relay loses, doubles and reorders nothing, whoever talks, listens, stops and breaks when: what arrives is
// the beginning of what was sent, all of it after an orderly end; it ends once, and what it held is gone,
// also if its context is destroyed first.

#include "octets.hpp"
#include "target.hpp"
#include <viaduct/relay/relay.hpp>
#include <viaduct/testing/duplex_pair.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fuzz::relay_target {
namespace {

namespace net = viaduct::net;
using viaduct::error_code;
using viaduct::testing::duplex_pair;
using viaduct::testing::duplex_stream;

constexpr std::size_t most_sent = 256 * 1024;

/// 1 to 16 by one, and from there up to 32 KiB by ever more.
[[nodiscard]] constexpr std::size_t size_from(unsigned choice) noexcept
{
    return choice < 16 ? choice + 1 : std::size_t{1} << (choice - 16);
}

/// Octets that no other place has: a shift shows.
[[nodiscard]] std::string const& text()
{
    static std::string const all = [] {
        std::string octets(most_sent, '\0');
        for (std::size_t i = 0; i < octets.size(); ++i)
            octets[i] = static_cast<char>(i * 7 + (i >> 8) * 13 + (i >> 16));
        return octets;
    }();
    return all;
}

/// One of the two between whom the relay stands.
class party
{
public:
    explicit party(duplex_stream& stream) : stream_{stream}, memory_(32 * 1024, '\0') {}
    party(party const&) = delete;
    party& operator=(party const&) = delete;

    /// What the relay got beforehand counts as sent.
    void sent_early(std::size_t n) noexcept { sent_ = n; }

    void write(std::size_t n)
    {
        n = std::min(n, most_sent - sent_);
        if (writing_ || ended_ || n == 0) return;
        writing_ = true;
        stream_.async_write_some(net::buffer(text().data() + sent_, n),
                                 [this](error_code ec, std::size_t taken) {
                                     writing_ = false;
                                     broken_ = broken_ || ec;
                                     sent_ += taken;
                                 });
    }

    void read(std::size_t n)
    {
        if (reading_ || heard_end_ || broken_) return;
        reading_ = true;
        stream_.async_read_some(net::buffer(memory_.data(), n), [this](error_code ec, std::size_t got) {
            reading_ = false;
            heard_end_ = ec == net::error::eof;
            broken_ = broken_ || (ec && !heard_end_);
            heard_.append(memory_.data(), got);
        });
    }

    /// As soon as nothing is being written.
    void end_sending()
    {
        if (writing_ || ended_) return;
        ended_ = true;
        error_code ignored;
        stream_.shutdown(duplex_stream::shutdown_send, ignored);
    }

    void break_off(bool with_reset)
    {
        broken_ = ended_ = true;
        error_code ignored;
        stream_.set_option(net::socket_base::linger{with_reset, 0}, ignored);
        stream_.close(ignored);
    }

    /// Comes to an end in good order, step by step.
    void finish()
    {
        end_sending();
        read(memory_.size());
    }

    [[nodiscard]] std::size_t sent() const noexcept { return sent_; }
    [[nodiscard]] std::string const& heard() const noexcept { return heard_; }
    [[nodiscard]] bool done() const noexcept { return broken_ || (ended_ && heard_end_ && !writing_); }

private:
    duplex_stream& stream_;
    std::string memory_;
    std::string heard_;
    std::size_t sent_ = 0;
    bool writing_ = false;
    bool reading_ = false;
    bool ended_ = false;
    bool heard_end_ = false;
    bool broken_ = false;
};

/// What the relay's handler has told; it lives as long as the handler or the one who looks.
struct told
{
    int calls = 0;
    error_code error{};
    viaduct::relay_result result{};
};

class scene
{
public:
    explicit scene(std::string_view& script)
        : left_{duplex_pair(context_.get_executor(), size_from(take_octet(script) % 32))},
          right_{duplex_pair(context_.get_executor(), size_from(take_octet(script) % 32))}
    {
        viaduct::relay_options options;
        options.buffer_size = size_from(take_octet(script) % 32);
        auto const early = [&script] { return take_octet(script) % 64; };
        viaduct::early_octets const before{text().substr(0, early()), text().substr(0, early())};
        client_.sent_early(before.from_a.size());
        origin_.sent_early(before.from_b.size());
        viaduct::async_relay(
            left_.second, right_.first, before, options,
            net::bind_cancellation_slot(cancel_.slot(), [all = told_](error_code ec, auto result) {
                ++all->calls;
                all->error = ec;
                all->result = result;
            }));
    }

    /// Three bits say what, five how much.
    void act(unsigned octet)
    {
        auto const much = octet >> 3U;
        switch (octet & 7U) {
        case 0: return client_.write(size_from(much));
        case 1: return client_.read(size_from(much));
        case 2: return origin_.write(size_from(much));
        case 3: return origin_.read(size_from(much));
        case 4: poll(much + 1); return;
        case 5: return much & 1U ? client_.end_sending() : origin_.end_sending();
        case 6: return cut(much);
        default: return disturb(much);
        }
    }

    /// Ends in good order whatever has not ended yet.
    void finish()
    {
        for (int idle_rounds = 0; !(told_->calls != 0 && client_.done() && origin_.done());) {
            client_.finish();
            origin_.finish();
            if (told_->calls != 0) close(); // what its owner does
            idle_rounds = poll(1000) == 0 ? idle_rounds + 1 : 0;
            must(idle_rounds < 3, "a relay whose parties have ended ends");
        }
        poll(1000);
    }

    void check() const
    {
        check_way(client_, origin_, told_->result.a_to_b);
        check_way(origin_, client_, told_->result.b_to_a);
        must(told_->calls == 1, "the handler is called once");
        must(told_.use_count() == 1, "and is gone then");
        if (disturbed_) return;
        must(!told_->error && told_->result.end == viaduct::relay_end::closed, "an orderly end is no error");
        must(client_.heard().size() == origin_.sent() && origin_.heard().size() == client_.sent(),
             "all has arrived");
    }

    [[nodiscard]] std::shared_ptr<told const> outcome() const noexcept { return told_; }

private:
    std::size_t poll(std::size_t most)
    {
        std::size_t ran = 0;
        context_.restart();
        while (ran < most && context_.poll_one() != 0)
            ++ran;
        return ran;
    }

    void close()
    {
        error_code ignored;
        left_.second.close(ignored);
        right_.first.close(ignored);
    }

    void cut(unsigned choice)
    {
        auto& stream = choice & 1U ? left_.second : right_.first;
        auto& limit = choice & 2U ? stream.behaviour().max_read : stream.behaviour().max_write;
        limit = (choice >> 2U) + 1;
    }

    void disturb(unsigned choice)
    {
        disturbed_ = true;
        auto& stream = choice & 1U ? left_.second : right_.first;
        auto& who = choice & 1U ? client_ : origin_;
        switch ((choice >> 1U) % 4) {
        case 0: return who.break_off(true);
        case 1: return who.break_off(false);
        case 2: stream.behaviour().fail_at = stream.operations() + (choice >> 3U); return;
        default: cancel_.emit(net::cancellation_type::total);
        }
    }

    static void check_way(party const& from, party const& to, std::uint64_t carried)
    {
        must(to.heard().size() <= from.sent(), "no more arrives than was sent");
        must(std::string_view{text()}.starts_with(to.heard()), "what arrives is its beginning");
        must(carried >= to.heard().size() && carried <= from.sent(), "the count is right");
    }

    net::io_context context_;
    std::pair<duplex_stream, duplex_stream> left_;
    std::pair<duplex_stream, duplex_stream> right_;
    party client_{left_.first};
    party origin_{right_.second};
    net::cancellation_signal cancel_;
    std::shared_ptr<told> told_ = std::make_shared<told>();
    bool disturbed_ = false;
};

/// The first octets are the sizes of buffers, one says whether there is an end in good order, and the rest is
/// what happens.
void check(std::string_view input)
{
    bool const destroyed = take_octet(input) % 8 == 7;
    std::optional<scene> all{std::in_place, input};
    for (constexpr std::size_t most = 500; char const octet : input.substr(0, most))
        all->act(static_cast<unsigned char>(octet));
    if (!destroyed) {
        all->finish();
        return all->check();
    }
    auto const outcome = all->outcome();
    auto const calls = outcome->calls;
    all.reset();
    must(outcome.use_count() == 1 && outcome->calls == calls && calls <= 1,
         "destroyed, a handler is gone uncalled");
}

target const self{"relay", check};

} // namespace
} // namespace fuzz::relay_target
