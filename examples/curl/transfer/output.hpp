#ifndef VIADUCT_CURL_TRANSFER_OUTPUT_HPP
#define VIADUCT_CURL_TRANSFER_OUTPUT_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace viaduct_curl {

/// What becomes of a file that is there already.
enum class existing_file
{
    replaced,
    kept,       // another name is found
    in_the_way, // nothing is written
    continued
};

struct output_options
{
    std::string name{}; // empty: the standard output
    existing_file existing = existing_file::replaced;
    bool create_directories = false;
    bool remove_on_error = false;
    bool binary_to_terminal = false;
};

/// Where the answer goes: the standard output, or a file that is created when the first octet comes.
class output
{
public:
    explicit output(output_options options);
    ~output();
    output(output const&) = delete;
    output& operator=(output const&) = delete;

    /// Writes all of it, or keeps in `error` why it could not.
    bool write(std::string_view octets) noexcept;

    /// Creates the file although nothing came.
    bool touch() noexcept;

    /// Gives a file that is not there yet another name, in the same directory, and creates it: never over
    /// another one, unless that is wished.
    bool rename(std::string const& name, bool replaces) noexcept;

    /// Takes back what was written to a file, for the next attempt.
    /** @return How much that was. */
    std::int64_t rewind() noexcept;

    /// Nothing more comes.
    /** @param modified When the server's copy was changed, if the file is to have that time.
     * @return False if the last octets could not be written. */
    bool finish(std::optional<std::int64_t> modified) noexcept;

    /// What came is not what was asked for: removes the file, if that is wished.
    void abandon() noexcept;

    /// What a failed write came from.
    [[nodiscard]] std::string const& error() const noexcept { return error_; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }

    /// How much was there before, of a file that is continued.
    [[nodiscard]] std::int64_t initial_size() const noexcept { return initial_; }

    [[nodiscard]] bool is_file() const noexcept { return !options_.name.empty(); }
    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    [[nodiscard]] bool is_terminal() const noexcept { return terminal_; }
    [[nodiscard]] std::string const& name() const noexcept { return options_.name; }

private:
    bool open();
    bool open_another();
    bool write_all(std::string_view octets) noexcept;
    bool fail(std::string_view what, int error) noexcept;
    bool fail(std::string text) noexcept;

    output_options options_;
    int descriptor_; // -1: a file that is not there yet
    bool terminal_;
    bool failed_ = false;
    std::int64_t initial_ = 0;
    std::int64_t written_ = 0; // behind that
    std::string error_;
};

} // namespace viaduct_curl

#endif
