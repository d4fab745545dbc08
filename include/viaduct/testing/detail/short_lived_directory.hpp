#ifndef VIADUCT_TESTING_DETAIL_SHORT_LIVED_DIRECTORY_HPP
#define VIADUCT_TESTING_DETAIL_SHORT_LIVED_DIRECTORY_HPP

#include <filesystem>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <system_error>

namespace viaduct::testing::detail {

/// A directory that only this user can enter, gone with this.
class short_lived_directory
{
public:
    short_lived_directory()
    {
        auto name = (std::filesystem::temp_directory_path() / "viaduct-testing-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
        path_ = name;
    }
    short_lived_directory(short_lived_directory const&) = delete;
    short_lived_directory& operator=(short_lived_directory const&) = delete;
    ~short_lived_directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace viaduct::testing::detail

#endif
