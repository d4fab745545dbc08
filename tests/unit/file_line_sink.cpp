#include <viaduct/log/file_line_sink.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <stdlib.h>
#include <string>
#include <sys/stat.h>
#include <system_error>

using viaduct::file_line_sink;

namespace {

/// A directory of its own for one test.
class temporary_directory
{
public:
    temporary_directory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "viaduct-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    temporary_directory(temporary_directory const&) = delete;
    temporary_directory& operator=(temporary_directory const&) = delete;
    ~temporary_directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string file(char const* name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

std::string content_of(std::string const& path)
{
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("file line sink: every line is in the file at once, behind what was there before")
{
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    {
        file_line_sink sink{path};
        sink.write_line("one\n");
        CHECK(content_of(path) == "one\n");
        sink.write_line("two\n");
        CHECK(content_of(path) == "one\ntwo\n");
    }
    file_line_sink first{path};
    file_line_sink second{path}; // as of another process
    first.write_line("three\n");
    second.write_line("four\n");
    first.write_line("five\n");
    CHECK(content_of(path) == "one\ntwo\nthree\nfour\nfive\n");
    CHECK(first.dropped() == 0);
}

TEST_CASE("file line sink: only the owner and the group may read who went where")
{
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    auto const mask = ::umask(0);
    file_line_sink sink{path};
    ::umask(mask);
    struct stat status
    {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0640);
}

TEST_CASE("file line sink: goes on with a renamed file until it is told to reopen")
{
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    auto const rotated = directory.file("access.log.1");
    file_line_sink sink{path};
    sink.write_line("one\n");
    std::filesystem::rename(path, rotated);
    sink.write_line("two\n");
    CHECK_FALSE(std::filesystem::exists(path));
    sink.reopen();
    sink.write_line("three\n");
    CHECK(content_of(rotated) == "one\ntwo\n");
    CHECK(content_of(path) == "three\n");
}

TEST_CASE("file line sink: a reopening that fails leaves the open file in use")
{
    temporary_directory const directory;
    auto const folder = directory.file("logs");
    auto const moved = directory.file("moved");
    std::filesystem::create_directory(folder);
    file_line_sink sink{folder + "/access.log"};
    std::filesystem::rename(folder, moved);
    sink.reopen();
    sink.write_line("still here\n");
    CHECK(content_of(moved + "/access.log") == "still here\n");
    CHECK(sink.dropped() == 0);
}

TEST_CASE("file line sink: a line that does not fit is counted, and the next one is tried again")
{
    if (!std::filesystem::exists("/dev/full")) return;
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    std::filesystem::create_symlink("/dev/full", path);
    file_line_sink sink{path};
    sink.write_line("lost\n");
    sink.write_line("lost\n");
    CHECK(sink.dropped() == 2);

    std::filesystem::remove(path); // room again
    sink.reopen();
    sink.write_line("kept\n");
    CHECK(sink.dropped() == 2);
    CHECK(content_of(path) == "kept\n");
}

TEST_CASE("file line sink: a file that cannot be opened is an error with its name")
{
    temporary_directory const directory;
    auto const path = directory.file("missing") + "/access.log";
    try {
        file_line_sink const sink{path};
        FAIL("it opened a file in a directory that is not there");
    } catch (viaduct::system_error const& e) {
        CHECK(e.code().value() == ENOENT);
        CHECK(std::string{e.what()}.find(path) != std::string::npos);
    }
}
