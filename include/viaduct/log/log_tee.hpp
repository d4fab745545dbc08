#ifndef VIADUCT_LOG_LOG_TEE_HPP
#define VIADUCT_LOG_LOG_TEE_HPP

#include <viaduct/log/log_sink.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace viaduct {

/// Several logs that look like one: each gets everything, in the order given.
/** Shared objects: safe. */
class log_tee final : public log_sink
{
public:
    /// @param logs Shared; none may be null. With none at all it is a log that keeps nothing.
    explicit log_tee(std::vector<std::shared_ptr<log_sink>> logs) noexcept : logs_{std::move(logs)} {}

    void write(tunnel_record const& record) noexcept override
    {
        for (auto const& log : logs_)
            log->write(record);
    }

    void flush() noexcept override
    {
        for (auto const& log : logs_)
            log->flush();
    }

    void reopen() noexcept override
    {
        for (auto const& log : logs_)
            log->reopen();
    }

    void rotate() noexcept override
    {
        for (auto const& log : logs_)
            log->rotate();
    }

    /// What any of them wants.
    [[nodiscard]] record_wishes wishes() const noexcept override
    {
        record_wishes all;
        for (auto const& log : logs_)
            all = all | log->wishes();
        return all;
    }

private:
    std::vector<std::shared_ptr<log_sink>> logs_;
};

} // namespace viaduct

#endif
