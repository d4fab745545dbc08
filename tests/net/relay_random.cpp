#include "random_octets.hpp"
#include "relay_kinds.hpp"
#include <viaduct/relay/relay.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <type_traits>

using namespace fixture;
using viaduct::relay_end;
using viaduct::testing::duplex_stream;

namespace {

class dice
{
public:
    explicit dice(std::uint64_t seed) : random_{seed} {}

    /// 1 to `most`, and small as often as large.
    [[nodiscard]] std::size_t size(std::size_t most)
    {
        std::uniform_real_distribution<double> exponent{0.0, std::log2(static_cast<double>(most) + 1)};
        return std::min(most, static_cast<std::size_t>(std::exp2(exponent(random_))));
    }

    [[nodiscard]] bool one_in(unsigned n) { return random_() % n == 0; }
    [[nodiscard]] unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
    [[nodiscard]] std::string octets(std::size_t count) { return random_octets(count, random_); }

private:
    std::mt19937_64 random_;
};

/// One of the two who talk: it writes and reads when it is told to, and a piece of random size each time.
template <class Stream>
class talker
{
public:
    talker(Stream& stream, std::string text, std::size_t early, std::size_t most)
        : stream_{stream},
          text_{std::move(text)},
          sent_{early},
          memory_(most, '\0')
    {}
    talker(talker const&) = delete;
    talker& operator=(talker const&) = delete;

    void write(dice& d)
    {
        if (writing_ || ended_) return;
        if (sent_ == text_.size()) {
            ended_ = true;
            return far_end<Stream>::end_sending(stream_);
        }
        writing_ = true;
        auto const n = d.size(std::min(memory_.size(), text_.size() - sent_));
        stream_.async_write_some(net::buffer(text_.data() + sent_, n),
                                 [this](viaduct::error_code ec, std::size_t taken) {
                                     REQUIRE(!ec);
                                     writing_ = false;
                                     sent_ += taken;
                                 });
    }

    void read(dice& d)
    {
        if (reading_ || heard_all_) return;
        reading_ = true;
        stream_.async_read_some(net::buffer(memory_.data(), d.size(memory_.size())),
                                [this](viaduct::error_code ec, std::size_t taken) {
                                    reading_ = false;
                                    heard.append(memory_.data(), taken);
                                    heard_all_ = ec == net::error::eof;
                                    if (!heard_all_) REQUIRE(!ec);
                                });
    }

    [[nodiscard]] bool done() const { return ended_ && heard_all_; }

    /// Whether it has nothing to do but wait.
    [[nodiscard]] bool waits() const { return (writing_ || ended_) && (reading_ || heard_all_); }

    [[nodiscard]] std::string const& text() const { return text_; }
    [[nodiscard]] std::string_view early() const { return std::string_view{text_}.substr(0, sent_); }

    std::string heard;

private:
    Stream& stream_;
    std::string text_;
    std::size_t sent_;
    std::string memory_;
    bool writing_ = false;
    bool ended_ = false;
    bool reading_ = false;
    bool heard_all_ = false;
};

/// One relay, with everything about it left to the dice.
template <class Fixture>
struct random_round
{
    static constexpr bool on_left = std::is_same_v<typename Fixture::left_stream, duplex_stream>;
    static constexpr bool on_right = std::is_same_v<typename Fixture::right_stream, duplex_stream>;
    static constexpr bool all_memory = on_left && on_right;

    explicit random_round(dice& d) : dice_{d}
    {
        if constexpr (on_left) cut(f.client), cut(f.a);
        if constexpr (on_right) cut(f.b), cut(f.origin);
        // A receive buffer for less than one segment makes TCP wait for its clocks: seldom.
        int const least = dice_.one_in(50) ? 2000 : 64 * 1024;
        f.limit_buffers(static_cast<int>(dice_.size(100'000)), least + static_cast<int>(dice_.size(100'000)));
    }

    void play()
    {
        // Now and then it is bulk, which makes sockets splice.
        std::size_t const most = all_memory            ? 3000
                                 : on_left || on_right ? 20'000
                                 : dice_.one_in(8)     ? 1'500'000
                                                       : 30'000;
        std::size_t const piece = std::max<std::size_t>(most / 20, dice_.size(most));
        auto const question = dice_.octets(dice_.size(most));
        auto const answer = dice_.octets(dice_.size(most));
        talker client{f.client, question, early(question.size()), piece};
        talker origin{f.origin, answer, early(answer.size()), piece};
        f.start({std::string{client.early()}, std::string{origin.early()}}, options(most));
        auto const give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (!(f.ended && client.done() && origin.done())) {
            REQUIRE(std::chrono::steady_clock::now() < give_up);
            let_somebody_act(client, origin);
        }
        REQUIRE((origin.heard == client.text()));
        REQUIRE((client.heard == origin.text()));
        REQUIRE(!f.error);
        REQUIRE(f.result.end == relay_end::closed);
        REQUIRE(f.result.a_to_b == client.text().size());
        REQUIRE(f.result.b_to_a == origin.text().size());
    }

private:
    void cut(duplex_stream& s)
    {
        s.behaviour().max_read = dice_.size(2000);
        s.behaviour().max_write = dice_.size(2000);
    }

    std::size_t early(std::size_t most) { return dice_.one_in(2) ? 0 : dice_.size(most); }

    viaduct::relay_options options(std::size_t most)
    {
        viaduct::relay_options o;
        o.buffer_size = dice_.size(most);
        for (auto* limit : {&o.limit_a_to_b, &o.limit_b_to_a})
            if (dice_.one_in(8)) *limit = {100'000'000, 500 + dice_.size(50'000)};
        return o;
    }

    template <class Client, class Origin>
    void let_somebody_act(Client& client, Origin& origin)
    {
        switch (dice_.below(6)) {
        case 0: client.write(dice_); break;
        case 1: client.read(dice_); break;
        case 2: origin.write(dice_); break;
        case 3: origin.read(dice_); break;
        default: break;
        }
        f.context.restart();
        for (auto n = dice_.below(4); n != 0; --n)
            f.context.poll_one();
        if (client.waits() && origin.waits()) f.context.run_one_for(std::chrono::milliseconds{100});
    }

    dice& dice_;
    Fixture f;
};

} // namespace

RELAY_TEST("relay: nothing is lost, doubled or reordered, whoever reads and writes when")
{
#if defined(VIADUCT_TESTS_OVER_TLS)
    int const many = 15;
#else
    int const many = random_round<fix_type>::all_memory ? 800 : 70;
#endif
#if defined(__SANITIZE_ADDRESS__)
    int const rounds = many / 5; // each of which takes ten times as long
#else
    int const rounds = many;
#endif
    for (int round = 0; round < rounds; ++round) {
        CAPTURE(round); // which is the seed
        dice d{static_cast<std::uint64_t>(round)};
        random_round<fix_type>{d}.play();
    }
}
