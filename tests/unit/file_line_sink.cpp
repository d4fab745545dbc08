#include "temporary_directory.hpp"
#include <viaduct/log/file_line_sink.hpp> // the header is self-contained

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using viaduct::file_line_sink;
using viaduct::file_sink_options;
using namespace std::chrono_literals;

namespace {

/// What a program is told of troubles: the value of errno, or `over` with what was lost.
struct told
{
    std::string text{};

    [[nodiscard]] viaduct::log_failure_options options()
    {
        return {.on_trouble = [this](viaduct::log_trouble const& trouble) {
            text += trouble.error ? std::to_string(trouble.error.value()) + ' '
                                  : "over:" + std::to_string(trouble.lost) + ' ';
        }};
    }
};

/// No file may be larger while it stands: a disk that is full after so many octets.
class full_disk
{
public:
    explicit full_disk(rlim_t octets)
    {
        action_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit const limit{octets, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    full_disk(full_disk const&) = delete;
    full_disk& operator=(full_disk const&) = delete;
    ~full_disk()
    {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, action_);
    }

private:
    rlimit before_{};
    void (*action_)(int) = SIG_DFL;
};

/// One end of a FIFO.
class fifo_reader
{
public:
    explicit fifo_reader(std::string const& path)
        : descriptor_{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)}
    {
        REQUIRE(descriptor_ >= 0);
    }
    fifo_reader(fifo_reader const&) = delete;
    fifo_reader& operator=(fifo_reader const&) = delete;
    ~fifo_reader() { ::close(descriptor_); }

    /// What is in there now.
    [[nodiscard]] std::string read()
    {
        std::string text;
        char some[4096];
        for (ssize_t n = 0; (n = ::read(descriptor_, some, sizeof some)) > 0;)
            text.append(some, static_cast<std::size_t>(n));
        return text;
    }

private:
    int descriptor_;
};

file_sink_options::clock::time_point test_time;

file_sink_options::clock::time_point now_in_test()
{
    return test_time;
}

} // namespace

TEST_CASE("file line sink: every line is in the file at once, behind what was there before")
{
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    file_line_sink{path}.write_line("one\n");
    file_line_sink first{path};
    first.write_line("two\n");
    CHECK(directory.content("access.log") == "one\ntwo\n");
    file_line_sink second{path}; // as of another process
    first.write_line("three\n");
    second.write_line("four\n");
    first.write_line("five\n");
    CHECK(directory.content("access.log") == "one\ntwo\nthree\nfour\nfive\n");
    CHECK(first.lost() == 0);
}

TEST_CASE("file line sink: only the owner and the group may read who went where")
{
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    auto const mask = ::umask(0);
    file_line_sink sink{path};
    ::umask(mask);
    CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms{0640});
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
    CHECK(directory.content("access.log.1") == "one\ntwo\n");
    CHECK(directory.content("access.log") == "three\n");
}

TEST_CASE("file line sink: a reopening that fails leaves the open file in use, and tells so")
{
    told heard;
    temporary_directory const directory;
    auto const folder = directory.file("logs");
    auto const moved = directory.file("moved");
    std::filesystem::create_directory(folder);
    file_line_sink sink{folder + "/access.log", {.keep = 3, .failure = heard.options()}};
    std::filesystem::rename(folder, moved);
    sink.reopen();
    sink.write_line("still here\n");
    sink.rotate(); // nothing to rename, and nothing to open
    sink.write_line("and here\n");
    CHECK(directory.content("moved/access.log") == "still here\nand here\n");
    CHECK(sink.lost() == 0);
    CHECK(heard.text == std::to_string(ENOENT) + ' '); // once, and it is not over by writing

    std::filesystem::create_directory(folder);
    sink.reopen();
    sink.write_line("back\n");
    CHECK(directory.content("logs/access.log") == "back\n");
    CHECK(heard.text == std::to_string(ENOENT) + " over:0 ");
}

TEST_CASE("file line sink: a line that cannot be written is counted, and trouble is told once when it begins "
          "and once when it is over")
{
    REQUIRE(std::filesystem::exists("/dev/full"));
    for (std::size_t const buffer : {0U, 100U}) {
        told heard;
        temporary_directory const directory;
        auto const path = directory.file("access.log");
        std::filesystem::create_symlink("/dev/full", path);
        file_line_sink sink{path, {.buffer_size = buffer, .failure = heard.options()}};
        sink.write_line("lost\n");
        sink.write_lines("lost\nlost\n");
        sink.flush();
        sink.write_line("lost\n");
        sink.flush();
        CHECK(sink.lost() == 4);

        std::filesystem::remove(path); // room again
        sink.reopen();
        CHECK(heard.text == std::to_string(ENOSPC) + ' '); // that it is open says nothing yet
        sink.write_line("kept\n");
        sink.flush();
        CHECK(sink.lost() == 4);
        CHECK(directory.content("access.log") == "kept\n");
        CHECK(heard.text == std::to_string(ENOSPC) + " over:4 ");
    }
}

TEST_CASE("file line sink: a line that a full disk has cut off is completed when there is room again")
{
    told heard;
    temporary_directory const directory;
    file_line_sink sink{directory.file("access.log"), {.failure = heard.options()}};
    {
        full_disk const full{10};
        sink.write_lines("12345\n12345\nlost\n");
        sink.write_line("lost\n");
    }
    CHECK(directory.content("access.log") == "12345\n1234");
    sink.write_line("next\n");
    CHECK(directory.content("access.log") == "12345\n12345\nnext\n");
    CHECK(sink.lost() == 2);
    CHECK(heard.text == std::to_string(EFBIG) + " over:2 ");
}

TEST_CASE("file line sink: a line that was cut off is lost if others have written behind it")
{
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    file_line_sink sink{path};
    file_line_sink other{path};
    {
        full_disk const full{10};
        sink.write_lines("12345\n12345\n");
    }
    other.write_line("other\n");
    sink.write_line("next\n");
    CHECK(directory.content("access.log") == "12345\n1234other\nnext\n");
    CHECK(sink.lost() == 1);
}

TEST_CASE("file line sink: no line begins within one that was left without its end")
{
    for (auto const leave : {&file_line_sink::flush, &file_line_sink::reopen, &file_line_sink::rotate}) {
        temporary_directory const directory;
        {
            full_disk const full{10};
            file_line_sink sink{directory.file("log")};
            sink.write_lines("12345\n12345\n");
            (sink.*leave)();
        }
        CHECK(directory.content("log") == "12345\n1234");
        file_line_sink sink{directory.file("log")};
        sink.write_line("next\n");
        CHECK(directory.content("log") == "12345\n1234\nnext\n");
        CHECK(sink.lost() == 0);
    }
}

TEST_CASE("file line sink: a line that was cut off is lost once another file, or the same one, is opened")
{
    temporary_directory const directory;
    file_line_sink sink{directory.file("log")};
    {
        full_disk const full{10};
        sink.write_lines("12345\n12345\n");
        sink.reopen();
        CHECK(sink.lost() == 1);
    }
    sink.write_line("next\n");
    CHECK(directory.content("log") == "12345\n1234\nnext\n");
    CHECK(sink.lost() == 1);
}

TEST_CASE("file line sink: a pipe that nobody reads any more loses lines, and nothing else happens")
{
    told heard;
    temporary_directory const directory;
    auto const path = directory.file("fifo");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK_THROWS_AS(file_line_sink{path}, viaduct::system_error); // nor does one wait for a first reader

    auto reader = std::make_unique<fifo_reader>(path);
    file_line_sink sink{path, {.keep = 2, .failure = heard.options()}};
    sink.write_line("one\n");
    CHECK(reader->read() == "one\n");
    reader.reset();
    sink.write_line("lost\n"); // and SIGPIPE does not end this program
    sink.reopen();             // there is nobody to open it for
    CHECK(sink.lost() == 1);
    reader = std::make_unique<fifo_reader>(path);
    sink.rotate(); // a FIFO is opened anew, and not renamed
    sink.write_line("two\n");
    CHECK(reader->read() == "two\n");
    CHECK_FALSE(directory.has("fifo.0"));
    CHECK(heard.text == std::to_string(EPIPE) + " over:1 ");
}

TEST_CASE("file line sink: a reader that sleeps loses lines, but never a part of one")
{
    temporary_directory const directory;
    auto const path = directory.file("fifo");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    fifo_reader reader{path};
    file_line_sink sink{path, {.write_timeout = 1ms}};
    auto const line = std::string(9'999, 'x') + '\n'; // more than a pipe takes in one piece
    std::string expected;
    for (int i = 0; i < 40; ++i) {
        sink.write_line(line);
        if (sink.lost() == 0) expected += line;
    }
    CHECK(sink.lost() > 0);
    auto got = reader.read();
    CHECK(got.size() % line.size() != 0); // so one was cut off
    sink.write_line("next\n");
    got += reader.read();
    CHECK((got == expected + "next\n"));
}

TEST_CASE("file line sink: signals do not shorten the wait for a reader")
{
    temporary_directory const directory;
    auto const path = directory.file("fifo");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    fifo_reader const reader{path};
    file_line_sink sink{path, {.write_timeout = 50ms}};
    auto const action = std::signal(SIGALRM, [](int) {});
    ::ualarm(5000, 5000); // microseconds
    auto const began = std::chrono::steady_clock::now();
    while (sink.lost() == 0)
        sink.write_line("more and more\n");
    CHECK(std::chrono::steady_clock::now() - began >= 50ms);
    ::ualarm(0, 0);
    std::signal(SIGALRM, action);
}

TEST_CASE("file line sink: a file that cannot be opened is an error with its name")
{
    temporary_directory const directory;
    auto const path = directory.file("missing") + "/access.log";
    CHECK_THROWS_WITH_AS(file_line_sink{path}, (path + ": No such file or directory").c_str(),
                         viaduct::system_error);
}

TEST_CASE("file line sink: where everybody may make files and links, those of strangers are not opened")
{
    struct stat entry = {}, directory = {};
    directory.st_uid = 501;
    for (mode_t const mode : {0755U, 0775U, 0777U, 01777U})
        for (uid_t const made_by : {500U, 501U, 502U, 0U}) { // us, the directory's owner, a stranger, root
            directory.st_mode = mode;
            entry.st_uid = made_by;
            CHECK(viaduct::detail::is_trustworthy(entry, directory, 500) == (mode < 0777U || made_by != 502));
        }
}

TEST_CASE("file line sink: with a buffer whole lines are gathered until it is full, old, or flushed")
{
    temporary_directory const directory;
    auto const path = directory.file("access.log");
    test_time = {};
    {
        file_line_sink sink{path, {.buffer_size = 10, .flush_interval = 5s, .now = &now_in_test}};
        sink.write_line("1234\n");
        sink.write_line("567\n");
        CHECK(directory.content("access.log").empty());
        sink.write_line("89\n"); // has no room with the others
        CHECK(directory.content("access.log") == "1234\n567\n");
        sink.flush();
        CHECK(directory.content("access.log") == "1234\n567\n89\n");
        sink.write_line("a\n");
        sink.write_line("longer than it\n");
        CHECK(directory.content("access.log") == "1234\n567\n89\na\nlonger than it\n");
        std::filesystem::resize_file(path, 0);

        sink.write_line("b\n");
        test_time += 4999ms;
        sink.write_line("c\n");
        CHECK(directory.content("access.log").empty());
        test_time += 1ms;
        sink.write_line("d\n");
        CHECK(directory.content("access.log") == "b\nc\nd\n");
        sink.write_line("e\n");
        CHECK(directory.content("access.log") == "b\nc\nd\n");
        sink.reopen();
        CHECK(directory.content("access.log") == "b\nc\nd\ne\n");
        sink.write_line("f\n");
    }
    CHECK(directory.content("access.log") == "b\nc\nd\ne\nf\n");
}

TEST_CASE("file line sink: to rotate is to keep so many old files, numbered from 0 as Squid does it")
{
    temporary_directory const directory;
    file_line_sink sink{directory.file("log"), {.buffer_size = 100, .keep = 3}};
    std::ofstream{directory.file("log.2")} << "behind a gap\n";
    for (auto const* line : {"1\n", "2\n", "3\n", "4\n", "5\n"}) {
        sink.write_line(line);
        sink.rotate();
        if (*line == '2') CHECK(directory.content("log.2") == "behind a gap\n");
    }
    CHECK(directory.content("log").empty());
    CHECK(directory.content("log.0") == "5\n");
    CHECK(directory.content("log.1") == "4\n");
    CHECK(directory.content("log.2") == "3\n");
    CHECK_FALSE(directory.has("log.3"));
}

TEST_CASE("file line sink: where no old files are kept, to rotate is to reopen")
{
    temporary_directory const directory;
    file_line_sink sink{directory.file("log")};
    sink.write_line("1\n");
    sink.rotate();
    sink.write_line("2\n");
    CHECK(directory.content("log") == "1\n2\n");
    std::filesystem::rename(directory.file("log"), directory.file("moved"));
    sink.rotate();
    sink.write_line("3\n");
    CHECK(directory.content("log") == "3\n");
}

TEST_CASE("file line sink: a new file begins before this one is too large, and no line is split or lost")
{
    for (std::size_t const buffer : {0U, 7U, 1000U}) {
        CAPTURE(buffer);
        temporary_directory const directory;
        std::ofstream{directory.file("log")} << "old\n"; // counts
        {
            file_line_sink sink{directory.file("log"),
                                {.buffer_size = buffer, .keep = 9, .rotate_above = 10}};
            sink.write_line("12345\n");
            sink.write_lines("a\nb\nc\nd\ne\nf\n");
            sink.write_line("too long for any file\n");
            sink.write_line("g\n");
        }
        CHECK(directory.content("log.3") == "old\n12345\n");
        CHECK(directory.content("log.2") == "a\nb\nc\nd\ne\n");
        CHECK(directory.content("log.1") == "f\n");
        CHECK(directory.content("log.0") == "too long for any file\n");
        CHECK(directory.content("log") == "g\n");
        CHECK_FALSE(directory.has("log.4"));
    }
}

TEST_CASE("file line sink: a new file begins when this one is old, unless nothing is in it")
{
    temporary_directory const directory;
    test_time = {};
    file_line_sink sink{directory.file("log"), {.keep = 9, .rotate_after = 60s, .now = &now_in_test}};
    test_time += 61s;
    sink.write_line("1\n");
    CHECK_FALSE(directory.has("log.0"));
    test_time += 59s;
    sink.write_line("2\n");
    CHECK_FALSE(directory.has("log.0"));
    test_time += 1s;
    sink.write_line("3\n");
    CHECK(directory.content("log.0") == "1\n2\n");
    CHECK(directory.content("log") == "3\n");
}

TEST_CASE("file line sink: who finds that the path names another file joins it, and renames nothing")
{
    temporary_directory const directory;
    file_sink_options const options{.keep = 9, .rotate_above = 1000};
    file_line_sink first{directory.file("log"), options};
    file_line_sink second{directory.file("log"), options}; // as of another process
    first.write_line("1\n");
    second.write_line("2\n");
    first.rotate();
    first.write_line("3\n");
    second.write_line("4\n");
    second.rotate();
    second.write_line("5\n");
    CHECK(directory.content("log.0") == "1\n2\n4\n");
    CHECK(directory.content("log") == "3\n5\n");
    CHECK_FALSE(directory.has("log.1"));

    std::filesystem::rename(directory.file("log"), directory.file("elsewhere"));
    std::filesystem::create_symlink(directory.file("elsewhere"), directory.file("log"));
    second.rotate();
    second.write_line("6\n");
    CHECK(directory.content("elsewhere") == "3\n5\n6\n");
    CHECK_FALSE(directory.has("log.1"));
}

TEST_CASE("file line sink: a file that was copied and truncated is written from its beginning")
{
    temporary_directory const directory;
    file_line_sink sink{directory.file("log"), {.keep = 9, .rotate_above = 10}};
    sink.write_line("12345678\n");
    std::filesystem::resize_file(directory.file("log"), 0);
    sink.write_line("next\n");
    CHECK(directory.content("log") == "next\n");
    CHECK_FALSE(directory.has("log.0")); // there was room
}

TEST_CASE("file line sink: a file that cannot be renamed grows on, and is tried again after as much")
{
    told heard;
    temporary_directory const directory;
    std::filesystem::create_directory(directory.file("log.0"));
    file_line_sink sink{directory.file("log"), {.keep = 1, .rotate_above = 4, .failure = heard.options()}};
    for (auto const* line : {"1\n", "2\n", "3\n"})
        sink.write_line(line);
    CHECK(heard.text == std::to_string(EISDIR) + ' ');
    std::filesystem::remove(directory.file("log.0"));
    sink.write_line("4\n");
    CHECK(directory.content("log") == "1\n2\n3\n4\n"); // not tried with every line
    sink.write_line("5\n");
    CHECK(directory.content("log.0") == "1\n2\n3\n4\n");
    CHECK(directory.content("log") == "5\n");
    CHECK(heard.text == std::to_string(EISDIR) + " over:0 ");
    CHECK(sink.lost() == 0);
}
