#ifndef VIADUCT_IMPL_AUTH_RELOADED_FILE_HPP
#define VIADUCT_IMPL_AUTH_RELOADED_FILE_HPP

#include <viaduct/impl/auth/user_lines.hpp>
#include <viaduct/impl/auth/wipe.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace viaduct::detail {

/// What a file said when it was last read without an error; read again when it has changed.
/**
 * Each version is a value that does not change: whoever has begun with one goes on with it. A version that
 * cannot be read leaves the one before it in force.
 */
template <class Content>
class reloaded_file
{
public:
    using clock = std::chrono::steady_clock;
    using content_ptr = std::shared_ptr<Content const>;
    using parser = content_ptr (*)(std::string_view text, std::string const& name, std::string& problem);
    using reporter = std::function<void(std::string const& problem)>;

    reloaded_file(std::string path, parser parse, reporter report)
        : path_{std::move(path)},
          parse_{parse},
          report_{std::move(report)}
    {}

    /// Reads the file now. @return What is wrong with it; empty if it is in force.
    [[nodiscard]] std::string reload()
    {
        std::lock_guard const one_at_a_time{reading_};
        return read(stamp_of(path_));
    }

    /// Whether it is time to `refresh`, which is so once a second at most; says so once.
    [[nodiscard]] bool is_due(clock::time_point now)
    {
        std::lock_guard const lock{mutex_};
        if (now < next_look_) return false;
        next_look_ = now + std::chrono::seconds{1};
        return true;
    }

    /// Reads the file if it is another one than it was. What is wrong with it is reported once. May block.
    void refresh()
    {
        std::unique_lock const one_at_a_time{reading_, std::try_to_lock};
        if (!one_at_a_time) return;
        auto const seen = stamp_of(path_);
        if (seen == stamp_) return;
        auto const problem = read(seen);
        if (!problem.empty() && report_) report_(problem);
    }

    /// Null if no version has been without an error.
    [[nodiscard]] content_ptr content() const
    {
        std::lock_guard const lock{mutex_};
        return content_;
    }

    [[nodiscard]] std::string const& path() const noexcept { return path_; }

private:
    /// What changes with a file.
    struct stamp
    {
        ::dev_t device{};
        ::ino_t inode{};
        ::off_t size{};
        ::time_t seconds{};
        long nanoseconds = -1; // of a file that is not there
        friend bool operator==(stamp const&, stamp const&) = default;
    };

    [[nodiscard]] static stamp stamp_of(std::string const& path)
    {
        struct ::stat facts;
        if (::stat(path.c_str(), &facts) != 0) return {};
#if defined(__APPLE__)
        auto const& changed = facts.st_mtimespec;
#else
        auto const& changed = facts.st_mtim;
#endif
        return {facts.st_dev, facts.st_ino, facts.st_size, changed.tv_sec, changed.tv_nsec};
    }

    /// @param seen Taken before reading: what changes meanwhile is found the next time.
    [[nodiscard]] std::string read(stamp seen)
    {
        stamp_ = seen;
        std::string problem;
        auto text = read_user_file(path_, problem);
        if (!text) return problem;
        auto next = parse_(*text, path_, problem);
        wipe(*text);
        if (!next) return problem;
        std::lock_guard const lock{mutex_};
        content_ = std::move(next);
        return {};
    }

    std::string const path_;
    parser parse_;
    reporter report_;
    std::mutex reading_; // of the stamp
    stamp stamp_;
    mutable std::mutex mutex_; // of what follows
    content_ptr content_;
    clock::time_point next_look_{};
};

} // namespace viaduct::detail

#endif
