#ifndef VIADUCT_DETAIL_AUTH_WAIT_HPP
#define VIADUCT_DETAIL_AUTH_WAIT_HPP

#include <viaduct/auth/authenticator.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/error.hpp>

#include <memory>
#include <mutex>
#include <string>

namespace viaduct::detail {

/// The answer of an authenticator on its way, from any thread, to the operation that waits on a timer for it.
class auth_wait : public std::enable_shared_from_this<auth_wait>
{
public:
    explicit auth_wait(net::steady_timer& timer) : timer_{&timer} {}

    /// What the authenticator is given.
    [[nodiscard]] VIADUCT_DECL auth_completion completion();

    /// Whether the answer is there.
    [[nodiscard]] VIADUCT_DECL bool arrived();

    /// The answer, once it has arrived.
    [[nodiscard]] error_code error() const noexcept { return error_; }
    [[nodiscard]] std::string const& value() const noexcept { return value_; }

    /// From now on the timer is not touched.
    VIADUCT_DECL void abandon();

private:
    void bring(error_code ec, std::string value);
    void wake();

    std::mutex mutex_; // of everything below
    net::steady_timer* timer_;
    bool arrived_ = false;
    error_code error_;
    std::string value_;
};

/// Abandons the wait however the operation ends.
class auth_wait_owner
{
public:
    auth_wait_owner() = default;
    auth_wait_owner(auth_wait_owner const&) = delete;
    auth_wait_owner& operator=(auth_wait_owner const&) = delete;
    ~auth_wait_owner() { reset(); }

    [[nodiscard]] auth_wait& start(net::steady_timer& timer)
    {
        reset();
        return *(wait_ = std::make_shared<auth_wait>(timer));
    }

    void reset()
    {
        if (wait_) wait_->abandon();
        wait_.reset();
    }

    [[nodiscard]] auth_wait& operator*() const noexcept { return *wait_; }

private:
    std::shared_ptr<auth_wait> wait_;
};

} // namespace viaduct::detail

#if defined(VIADUCT_HEADER_ONLY)
#include <viaduct/impl/detail/auth_wait.ipp>
#endif

#endif
