#ifndef VIADUCT_DETAIL_STEP_ASSOCIATION_HPP
#define VIADUCT_DETAIL_STEP_ASSOCIATION_HPP

#include <viaduct/detail/asio.hpp>

#include <type_traits>

namespace viaduct::detail {

/// Nothing is associated with it.
struct no_handler
{};

/// Whether a handler runs wherever the I/O object says: then a call need not carry a second executor about.
template <class Handler>
inline constexpr bool has_no_executor =
    std::is_same_v<typename net::associated_executor<Handler, no_handler>::type, no_handler>;

/// Where a step takes an association from: the user's handler, or nowhere.
template <template <class, class> class Associator, class Handler>
struct association
{
    using source = Handler;
};

template <class Handler>
    requires has_no_executor<Handler>
struct association<net::associated_executor, Handler>
{
    using source = no_handler; // some wrappers of handlers hide that there is none; this does not
};

/// Where a step takes it from: one of several that are under way at once runs where its I/O object does,
/// which is one thread or one strand, and not where the user's handler does, which need not be.
template <template <class, class> class Associator, class Step>
struct association_of_step : association<Associator, typename Step::handler_type>
{};

template <class Step>
requires Step::runs_with_its_object struct association_of_step<net::associated_executor, Step>
{
    using source = no_handler;
};

/// What is associated with a step: what is associated with its source.
template <template <class, class> class Associator, class Step, class DefaultCandidate>
struct association_of : Associator<typename association_of_step<Associator, Step>::source, DefaultCandidate>
{
    using source = typename association_of_step<Associator, Step>::source;
    using base = Associator<source, DefaultCandidate>;

    [[nodiscard]] static decltype(auto) get(Step const& s) noexcept { return base::get(source_of(s)); }
    [[nodiscard]] static decltype(auto) get(Step const& s, DefaultCandidate const& otherwise) noexcept
    {
        return base::get(source_of(s), otherwise);
    }

private:
    [[nodiscard]] static decltype(auto) source_of(Step const& s) noexcept
    {
        if constexpr (std::is_same_v<source, no_handler>)
            return source{};
        else
            return (s.handler());
    }
};

} // namespace viaduct::detail

#endif
