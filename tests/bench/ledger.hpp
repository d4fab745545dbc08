#ifndef VIADUCT_TESTS_BENCH_LEDGER_HPP
#define VIADUCT_TESTS_BENCH_LEDGER_HPP

#include "allocations.hpp"
#include "net.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// What a client that opens tunnels is to do.
struct client_plan
{
    std::string mode; ///< which of the program's ways
    sockaddr_in proxy{};
    sockaddr_in target{};
    bool basic = false;       ///< each request carries credentials, unasked
    unsigned warm_up = 0;     ///< tunnels that are not counted
    unsigned count = 0;       ///< tunnels that are, one after the other
    std::uint64_t octets = 0; ///< instead: so many are read through one tunnel
};

/// The credentials of `client_plan::basic`.
inline constexpr char user[] = "somebody";
inline constexpr char password[] = "a-password-of-usual-length";

/// Octets that are read at a time.
inline constexpr std::size_t block_size = 64 * 1024;

/// Keeps the account of a client: what it takes from the first tunnel after the warm-up to the end of the
/// last.
/** Everything of the process counts. It allocates nothing meanwhile. */
class ledger
{
public:
    explicit ledger(client_plan const& plan);

    /// Whether there is another tunnel to be opened; if so, its time begins.
    [[nodiscard]] bool begin();

    /// The tunnel at hand is open.
    void opened();

    /// The octets begin, and have come.
    void begin_octets();
    void end_octets();

    /// The account, one JSON object.
    [[nodiscard]] std::string text() const;

private:
    using steady = std::chrono::steady_clock;

    struct reading
    {
        heap_use heap;
        double cpu = 0; ///< seconds, of the program and of the kernel for it
    };

    [[nodiscard]] static reading read();
    [[nodiscard]] double time_at(double part) const;

    client_plan plan_;
    unsigned begun_ = 0;
    steady::time_point since_;
    std::vector<double> microseconds_;
    reading start_;
    reading end_;
};

/// The whole of such a program but the client itself: what was typed, the account, errors.
int run_client(int argc, char** argv, std::function<void(client_plan const&, ledger&)> const& client);

/// The wish for the plan's octets, as the origin reads it.
[[nodiscard]] std::string wish_for(client_plan const& plan);

} // namespace bench

#endif
