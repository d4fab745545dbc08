#include "command/argument_reader.hpp"
#include "command/values.hpp"

#include <array>
#include <charconv>
#include <system_error>

namespace viaduct_curl {
namespace {

void take_output(given& g)
{
    next_target(g.now, [](target const& t) { return !t.output && !t.remote_name; }).output = g.value;
}

void take_remote_name(given& g)
{
    next_target(g.now, [](target const& t) { return !t.output && !t.remote_name; }).remote_name = g.on;
}

void take_include(given& g)
{
    if (g.on && g.now.answer.header_name)
        misuse("showing headers and --remote-header-name cannot be combined");
    g.now.answer.include = g.on;
}

void take_header_name(given& g)
{
    auto const& now = g.now.answer;
    if (g.on && now.include) misuse("showing headers and --remote-header-name cannot be combined");
    if (g.on && now.continue_at_end) misuse("--continue-at and --remote-header-name cannot be combined");
    g.now.answer.header_name = g.on;
}

void take_continue(given& g)
{
    auto& now = g.now.answer;
    if (now.header_name && g.value == "-")
        misuse("--continue-at and --remote-header-name cannot be combined");
    now.continue_at.reset();
    now.continue_at_end = g.value == "-";
    if (!now.continue_at_end) now.continue_at = read_number(g);
}

void take_fail(given& g)
{
    if (g.on && g.now.answer.fail_with_body)
        misuse(g, "you must select either --fail or --fail-with-body, not both");
    g.now.answer.fail = g.on;
}

void take_fail_with_body(given& g)
{
    if (g.on && g.now.answer.fail) misuse(g, "you must select either --fail or --fail-with-body, not both");
    g.now.answer.fail_with_body = g.on;
}

void take_file_mode(given& g)
{
    std::int64_t mode = 0;
    auto const* const end = g.value.data() + g.value.size();
    auto const read = std::from_chars(g.value.data(), end, mode, 8);
    if (read.ec != std::errc{} || read.ptr != end || mode < 0 || mode > 0777)
        misuse(g, "expected an octal number up to 777");
    g.now.passed.set(CURLOPT_NEW_FILE_PERMS, g.name, mode);
}

constexpr std::array rows{
    option{"output", 'o', "file", take_output, "Write to a file; #1 is what the URL's first {} or [] is at"},
    option{"remote-name", 'O', "", take_remote_name, "Write to a file named as in the URL"},
    option{"remote-name-all", 0, "", [](given& g) { g.now.answer.remote_name_all = g.on; },
           "As -O, for all URLs without an -o"},
    option{"remote-header-name", 'J', "", take_header_name,
           "With -O: the name that the server gives, if it is harmless"},
    option{"output-dir", 0, "directory", [](given& g) { g.now.answer.directory = g.value; },
           "Where -o and -O put their files"},
    option{"create-dirs", 0, "", [](given& g) { g.now.answer.create_directories = g.on; },
           "Make the directories that a file needs"},
    option{"create-file-mode", 0, "mode", take_file_mode, "Of files made at the other end"},
    option{"clobber", 0, "", [](given& g) { g.now.answer.clobber = g.on; },
           "Replace files; --no-clobber looks for another name"},
    option{"remove-on-error", 0, "", [](given& g) { g.now.answer.remove_on_error = g.on; },
           "Leave no file of a transfer that failed"},
    option{"remote-time", 'R', "", [](given& g) { g.now.answer.remote_time = g.on; },
           "Give the file the time that the server tells"},
    option{"continue-at", 'C', "offset", take_continue, "Go on from there; `-`: from the end of the file"},
    option{"include", 'i', "", take_include, "Show the heads, the proxy's included"},
    option{"show-headers", 0, "", take_include, "The same"},
    option{"dump-header", 'D', "file", [](given& g) { g.now.answer.dump_header = g.value; },
           "Write the heads there; `-` and `%` are the standard output and error"},
    option{"suppress-connect-headers", 0, "", [](given& g) { g.now.answer.suppress_connect_headers = g.on; },
           "Do not show the proxy's head"},
    option{"etag-save", 0, "file", [](given& g) { g.now.answer.etag_save = g.value; },
           "Write the answer's ETag there"},
    option{"etag-compare", 0, "file", [](given& g) { g.now.answer.etag_compare = g.value; },
           "Ask for what is not the version with the ETag in that file"},
    option{"fail", 'f', "", take_fail, "Exit with 22 where the status is 400 or above"},
    option{"fail-with-body", 0, "", take_fail_with_body, "As -f, but keep the body"},
    option{"write-out", 'w', "format|@file", [](given& g) { g.now.answer.write_out = value_or_file(g); },
           "What to print at the end, with %{variables}"},
    option{"json-report", 0, "", [](given& g) { g.now.answer.json = g.on; },
           "Print a JSON object about each transfer and its way"},
};

} // namespace

topic answer_options()
{
    return {"The answer", rows};
}

} // namespace viaduct_curl
