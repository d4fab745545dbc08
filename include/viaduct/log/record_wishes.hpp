#ifndef VIADUCT_LOG_RECORD_WISHES_HPP
#define VIADUCT_LOG_RECORD_WISHES_HPP

namespace viaduct {

/// What a log wants to know that it costs memory, or a system call, to keep.
/** An idle tunnel of which nothing of it is wanted keeps nothing of it. */
struct record_wishes
{
    bool fields = false;    ///< The fields of the request and of the refusal.
    bool addresses = false; ///< All addresses that were found, and all that were tried.
    bool early = false;     ///< How many octets a client sent before it had its answer.

    /// What this one or the other one wants.
    [[nodiscard]] constexpr record_wishes operator|(record_wishes other) const noexcept
    {
        return {fields || other.fields, addresses || other.addresses, early || other.early};
    }

    friend bool operator==(record_wishes, record_wishes) = default;
};

inline constexpr record_wishes every_record_wish{true, true, true};

} // namespace viaduct

#endif
