#ifndef VIADUCT_HELPERS_HELPER_SCHEDULE_HPP
#define VIADUCT_HELPERS_HELPER_SCHEDULE_HPP

#include <viaduct/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace viaduct {

/// How many processes a pool of helpers has, and what they are given to do.
struct helper_limits
{
    std::size_t max_children = 20;    ///< At most, and at least 1.
    std::size_t startup_children = 0; ///< At once.
    std::size_t idle_children = 1;    ///< To spare, once there has been a request.

    /// Requests that one process works at, each with a channel number in front; 0 for one at a time, without.
    std::size_t concurrency = 0;

    /// Requests that wait for a process at most; by default two for each of `max_children`.
    std::optional<std::size_t> queue_size{};

    /// How long a request may wait for its turn, and then again for its answer.
    std::chrono::milliseconds timeout = std::chrono::seconds{30};

    /// How long a process waits for the next leg of a conversation before it is given to somebody else.
    std::chrono::milliseconds reservation_time = std::chrono::seconds{30};

    /// Of one process.
    [[nodiscard]] std::size_t capacity() const noexcept { return concurrency == 0 ? 1 : concurrency; }
};

/// What is to be done about helpers.
struct helper_command
{
    enum class kind : unsigned char
    {
        start,  ///< Start a process, to be known as `child`.
        send,   ///< Give it `request`, on `channel`.
        kill,   ///< End it, whatever it does; it is not to be spoken of again.
        answer, ///< Tell who has asked `request` that it fails with `error`.
        give_up ///< Tell the operator: one after the other has ended at once, `child` last.
    };

    kind what = kind::answer;
    std::uint64_t child = 0;
    std::uint64_t request = 0;
    std::uint32_t channel = 0;
    error_code error{};
};

/// Decides which helper process gets which request, and when one is started or ended: without any process.
/**
 * Whoever performs it tells what has happened, and then does what `next` says until that says nothing more;
 * `tick` is to be called at `next_event`. Requests and reservations have numbers of the caller's, above 0.
 *
 *   - A request goes to the process with the least to do. Where all are busy, others are started, and
 * `idle_children` more; beyond `max_children` requests wait in a queue.
 *   - A request that was not answered in time ends its process, for nobody can tell what that one would
 * answer next. Others that it had go to another process, once.
 *   - Requests with a reservation (NTLM, Negotiate) go to one process that has nothing else, until it is
 * released; where that process is lost, the conversation fails.
 *   - A process that ends within 10 s without a single answer makes the next start wait, 100 ms and then
 * twice as long each time; after 5 such ends nothing is started for 30 s. An answer of another one ends that.
 *
 * Distinct objects: safe. Shared objects: unsafe.
 */
class helper_schedule
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::size_t early_ends_to_give_up = 5;
    static constexpr std::chrono::seconds early{10};
    static constexpr std::chrono::milliseconds first_pause{100};
    static constexpr std::chrono::seconds given_up_for{30};
    static constexpr std::chrono::seconds early_ends_kept{60};

    explicit helper_schedule(helper_limits const& limits) : limits_{limits}
    {
        limits_.max_children = std::max<std::size_t>(limits_.max_children, 1);
    }

    /// Asks for the first processes.
    VIADUCT_DECL void start(time_point now);

    /// Takes a request.
    /**
     * It may fail at once: with `errc::helper_overloaded`, with `errc::helper_unavailable` after many early
     * ends, or if the conversation has lost its process.
     * @param reservation The conversation it belongs to; 0 for none.
     * @param continues Whether it is not the first one of that.
     */
    VIADUCT_DECL void submit(std::uint64_t request, std::uint64_t reservation, bool continues,
                             time_point now);

    /// The conversation is over.
    VIADUCT_DECL void release(std::uint64_t reservation);

    /// A line has come from a process, on a channel (0 without concurrency).
    /** @return The request that it answers. Nothing if there is none there: the process is ended then. */
    [[nodiscard]] VIADUCT_DECL std::optional<std::uint64_t> reply(std::uint64_t child, std::uint32_t channel,
                                                                  time_point now);

    /// What a process writes cannot be followed: it is ended, its requests fail.
    VIADUCT_DECL void misbehaved(std::uint64_t child);

    /// A process has ended, or could not be started.
    VIADUCT_DECL void ended(std::uint64_t child, time_point now);

    /// Looks at the clock.
    VIADUCT_DECL void tick(time_point now);

    /// Everything ends: all requests fail with `errc::helper_unavailable`, later ones too.
    /** The processes are the caller's to end. */
    VIADUCT_DECL void close();

    /// What is to be done next.
    [[nodiscard]] VIADUCT_DECL std::optional<helper_command> next(time_point now);

    /// When to call `tick`, after `next` had nothing more to say.
    [[nodiscard]] VIADUCT_DECL std::optional<time_point> next_event(time_point now) const;

    [[nodiscard]] std::size_t children() const noexcept { return children_.size(); }
    [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size(); }

private:
    struct request
    {
        std::uint64_t id = 0;
        std::uint64_t reservation = 0;
        time_point deadline{};
        bool retried = false;
    };

    struct child
    {
        time_point started{};
        bool has_answered = false;
        std::uint64_t reservation = 0;
        time_point reserved_until{};
        std::vector<std::optional<request>> channels{};
        std::size_t under_way = 0;
    };

    using children_map = std::map<std::uint64_t, child>;

    [[nodiscard]] children_map::iterator child_for(request const& r);
    [[nodiscard]] bool is_overloaded(time_point now) const;
    [[nodiscard]] bool may_start(time_point now) const;
    [[nodiscard]] std::size_t wanted() const;
    void answer(std::uint64_t id, error_code why);
    void dispatch(time_point now);
    void send(children_map::iterator to, request r, time_point now);
    void start_children(time_point now);
    void start_child(time_point now);
    void kill(children_map::iterator which, error_code fail_all, time_point now);
    void forget(children_map::iterator which, error_code fail_all, time_point now);
    void count_early_end(std::uint64_t which, time_point now);
    void expire_queue(time_point now);
    void expire_children(time_point now);
    void expire_reservations(time_point now);
    [[nodiscard]] bool is_awaited(std::uint64_t reservation) const;

    helper_limits limits_;
    children_map children_;
    std::map<std::uint64_t, std::uint64_t> reserved_; // reservation -> child, for those that have one
    std::deque<request> queue_;
    std::deque<helper_command> commands_;
    std::uint64_t last_child_ = 0;
    std::size_t early_ends_ = 0;
    time_point last_early_end_{};
    time_point paused_until_{};
    bool given_up_ = false; // until paused_until_
    bool used_ = false;     // there has been a request
    bool closed_ = false;
};

} // namespace viaduct

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/helpers/helper_schedule.ipp>
#include <viaduct/impl/helpers/helper_schedule_losses.ipp>
#endif

#endif
