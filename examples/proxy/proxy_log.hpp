#ifndef VIADUCT_EXAMPLES_PROXY_PROXY_LOG_HPP
#define VIADUCT_EXAMPLES_PROXY_PROXY_LOG_HPP

#include <viaduct/log/log_sink.hpp>

#include <memory>
#include <mutex>
#include <utility>

namespace viaduct_proxy {

/// The access logs, if there are any; and what rules on trial would have denied, which goes to standard
/// error.
/** Stays the same object when the logs change: whoever writes sees those of before or those of after. */
class proxy_log final : public viaduct::log_sink
{
public:
    /// @param logs Null without any.
    explicit proxy_log(std::shared_ptr<viaduct::log_sink> logs) noexcept : logs_{std::move(logs)} {}

    /// From now on these are the logs.
    /** @return Those of before, which others may be writing to still. */
    [[nodiscard]] std::shared_ptr<viaduct::log_sink>
    exchange(std::shared_ptr<viaduct::log_sink> logs) noexcept;

    void write(viaduct::tunnel_record const& record) noexcept override;
    void flush() noexcept override;
    void reopen() noexcept override;
    void rotate() noexcept override;
    [[nodiscard]] viaduct::record_wishes wishes() const noexcept override;

private:
    [[nodiscard]] std::shared_ptr<viaduct::log_sink> logs() const noexcept;

    std::mutex mutable mutex_{}; // for as long as a pointer is copied
    std::shared_ptr<viaduct::log_sink> logs_;
};

} // namespace viaduct_proxy

#endif
