#ifndef VIADUCT_RELAY_TRANSFER_MODE_HPP
#define VIADUCT_RELAY_TRANSFER_MODE_HPP

#include <cstddef>

namespace viaduct {

/// Whether a direction copies octets through memory or splices them through a pipe: whichever the traffic
/// asks for.
/**
 * Copying costs two system calls a message and is the cheapest way for small ones; splicing costs a pipe and
 * pays from some ten thousand octets a call. So a direction copies until its source has filled the buffer
 * several times in a row, and goes back once several splices in a row were small. A change costs a pipe taken
 * from a pool, or given back; counting to more than one keeps traffic that comes in bursts of odd sizes from
 * paying it again and again.
 */
class transfer_mode
{
public:
    static constexpr int full_reads_to_splice = 2;
    static constexpr int small_splices_to_copy = 4;
    static constexpr std::size_t small_splice = 16 * 1024;

    [[nodiscard]] bool splicing() const noexcept { return splicing_; }

    /// A read took `n` of `room` octets.
    void on_copied(std::size_t n, std::size_t room) noexcept
    {
        count_ = n == room ? count_ + 1 : 0;
        if (count_ >= full_reads_to_splice && allowed_) enter(true);
    }

    /// A splice took `n` octets.
    void on_spliced(std::size_t n) noexcept
    {
        count_ = n < small_splice ? count_ + 1 : 0;
        if (count_ >= small_splices_to_copy) enter(false);
    }

    /// There is no pipe to be had now: copies, and tries again when the traffic asks for it again.
    void retreat() noexcept { enter(false); }

    /// These streams cannot be spliced.
    void forbid() noexcept
    {
        allowed_ = false;
        enter(false);
    }

private:
    void enter(bool splicing) noexcept
    {
        splicing_ = splicing;
        count_ = 0;
    }

    bool splicing_ = false;
    bool allowed_ = true;
    int count_ = 0;
};

} // namespace viaduct

#endif
