#include "ledger.hpp"

#include "arguments.hpp"
#include "origin.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>

namespace bench {
namespace {

constexpr char usage[] = R"(usage: PROGRAM MODE --proxy ADDRESS:PORT --target ADDRESS:PORT [--basic]
               (--count N [--warm-up N] | --bytes N)

Opens tunnels one after the other, or reads octets through one, and prints one JSON object of what that took.
)";

client_plan to_plan(std::string const& mode, arguments const& typed)
{
    client_plan plan;
    plan.mode = mode;
    plan.proxy = parse_address(typed.text("--proxy"));
    plan.target = parse_address(typed.text("--target"));
    plan.basic = typed.has("--basic");
    plan.octets = typed.number<std::uint64_t>("--bytes", 0);
    plan.count = plan.octets != 0 ? 1 : typed.number("--count", 1U);
    plan.warm_up = typed.number("--warm-up", 0U);
    return plan;
}

} // namespace

ledger::ledger(client_plan const& plan) : plan_{plan}
{
    microseconds_.reserve(plan.count);
}

bool ledger::begin()
{
    if (begun_ == plan_.warm_up) start_ = read();
    if (begun_ == plan_.warm_up + plan_.count) {
        if (plan_.octets == 0) end_ = read();
        return false;
    }
    ++begun_;
    since_ = steady::now();
    return true;
}

void ledger::opened()
{
    auto const took = std::chrono::duration<double, std::micro>(steady::now() - since_).count();
    if (begun_ > plan_.warm_up) microseconds_.push_back(took);
}

void ledger::begin_octets()
{
    start_ = read();
}

void ledger::end_octets()
{
    end_ = read();
}

ledger::reading ledger::read()
{
    timespec cpu{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return {heap_so_far(), double(cpu.tv_sec) + double(cpu.tv_nsec) / 1e9};
}

double ledger::time_at(double part) const
{
    auto sorted = microseconds_;
    std::ranges::sort(sorted);
    return sorted.empty() ? 0 : sorted[std::size_t(double(sorted.size() - 1) * part)];
}

std::string ledger::text() const
{
    char text[512];
    std::snprintf(text, sizeof text,
                  R"({"tunnels": %u, "octets": %llu, "p50_us": %.2f, "p99_us": %.2f, "cpu_us": %.2f, )"
                  R"("allocations": %llu, "heap_octets": %llu})"
                  "\n",
                  plan_.count, static_cast<unsigned long long>(plan_.octets), time_at(0.5), time_at(0.99),
                  (end_.cpu - start_.cpu) * 1e6,
                  static_cast<unsigned long long>(end_.heap.calls - start_.heap.calls),
                  static_cast<unsigned long long>(end_.heap.octets - start_.heap.octets));
    return text;
}

int run_client(int argc, char** argv, std::function<void(client_plan const&, ledger&)> const& client)
{
    try {
        if (argc < 2) {
            std::fputs(usage, stderr);
            return 2;
        }
        auto const plan = to_plan(argv[1], {2, argc, argv});
        ledger account{plan};
        client(plan, account);
        std::fputs(account.text().c_str(), stdout);
        return 0;
    } catch (std::exception const& e) {
        std::fprintf(stderr, "%s: %s\n", argv[0], e.what());
        return 1;
    }
}

std::string wish_for(client_plan const& plan)
{
    std::string wish(1, wish::source);
    for (unsigned i = 1; i < wish_size; ++i)
        wish += char(plan.octets >> (8 * (wish_size - 1 - i)));
    return wish;
}

} // namespace bench
