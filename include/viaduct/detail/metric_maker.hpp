#ifndef VIADUCT_DETAIL_METRIC_MAKER_HPP
#define VIADUCT_DETAIL_METRIC_MAKER_HPP

#include <array>
#include <cstddef>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <string>
#include <string_view>
#include <vector>

namespace viaduct::detail {

using metric_counters = std::vector<prometheus::Counter*>;

/// Makes metrics, each with all the series that it will ever have.
class metric_maker
{
public:
    explicit metric_maker(prometheus::Registry& registry) : registry_{registry} {}

    [[nodiscard]] prometheus::Counter& counter(char const* name, char const* help)
    {
        return family(name, help).Add({});
    }

    template <std::size_t Size>
    [[nodiscard]] metric_counters counters(char const* name, char const* help, char const* label,
                                           std::array<std::string_view, Size> const& values)
    {
        metric_counters made;
        for (auto const value : values)
            made.push_back(&family(name, help).Add({{label, std::string{value}}}));
        return made;
    }

    /// With two labels: the place in the list is that of the first value times the size of the second list,
    /// and that of the second value.
    template <std::size_t First, std::size_t Second>
    [[nodiscard]] metric_counters table(char const* name, char const* help, char const* label,
                                        std::array<std::string_view, First> const& values,
                                        char const* other_label,
                                        std::array<std::string_view, Second> const& other_values)
    {
        metric_counters made;
        for (auto const value : values)
            for (auto const other : other_values)
                made.push_back(&family(name, help)
                                    .Add({{label, std::string{value}}, {other_label, std::string{other}}}));
        return made;
    }

    template <std::size_t Size>
    [[nodiscard]] prometheus::Histogram& histogram(char const* name, char const* help,
                                                   std::array<double, Size> const& buckets,
                                                   prometheus::Labels const& labels = {})
    {
        prometheus::Histogram::BucketBoundaries const ends{buckets.begin(), buckets.end()};
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add(labels, ends);
    }

private:
    /// The same one for the same name.
    [[nodiscard]] prometheus::Family<prometheus::Counter>& family(char const* name, char const* help)
    {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
    }

    prometheus::Registry& registry_;
};

} // namespace viaduct::detail

#endif
