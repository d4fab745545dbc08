#ifndef VIADUCT_LOG_LOG_FILTER_HPP
#define VIADUCT_LOG_LOG_FILTER_HPP

#include <viaduct/log/log_sink.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace viaduct {

/// Lets some records through to a log: refusals only, or everything but a health check.
/** Shared objects: safe, if the predicate may be called from several threads at once. */
class log_filter final : public log_sink
{
public:
    using predicate = std::function<bool(tunnel_record const&)>;

    /// @param log Shared; not null.
    /// @param wanted Tells whether a record goes into it; not empty. One that throws lets it through.
    /// @param wishes What the predicate looks at, of that which is in records only if wished for.
    log_filter(std::shared_ptr<log_sink> log, predicate wanted, record_wishes wishes = {}) noexcept
        : log_{std::move(log)},
          wanted_{std::move(wanted)},
          wishes_{wishes}
    {}

    void write(tunnel_record const& record) noexcept override
    {
        if (is_wanted(record)) log_->write(record);
    }

    void flush() noexcept override { log_->flush(); }
    void reopen() noexcept override { log_->reopen(); }
    void rotate() noexcept override { log_->rotate(); }

    /// What the log wants, and what the predicate does.
    [[nodiscard]] record_wishes wishes() const noexcept override { return log_->wishes() | wishes_; }

private:
    [[nodiscard]] bool is_wanted(tunnel_record const& record) const noexcept
    {
        try {
            return wanted_(record);
        } catch (...) { // better a line too many than one that nobody ever sees
            return true;
        }
    }

    std::shared_ptr<log_sink> log_;
    predicate wanted_;
    record_wishes wishes_;
};

} // namespace viaduct

#endif
