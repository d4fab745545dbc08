#ifndef VIADUCT_CURL_TRANSFER_ANSWER_HPP
#define VIADUCT_CURL_TRANSFER_ANSWER_HPP

#include "command/command_line.hpp"
#include "transfer/head_file.hpp"
#include "transfer/output.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viaduct_curl {

/// What comes back, head by head, and where each piece of it goes.
class answer
{
public:
    using field = std::pair<std::string, std::string>;

    /// All of them must outlive it.
    /** @param styled Whether names of fields are bold on a terminal. */
    answer(operation const& wanted, target const& which, output& content, head_file& heads, bool styled)
        : styled_{styled},
          wanted_{wanted},
          which_{which},
          content_{content},
          heads_{heads}
    {}

    // What all of these return: whether it could be written; `error` says why not.

    /// The heads of a proxy's answers to CONNECT.
    bool take_connect_heads(std::string_view heads);

    /// What a proxy that refuses says to people, where it is asked for: curl has nobody read it.
    bool take_refusal(std::string_view body);

    /// A line of the origin's head.
    bool take_line(std::string_view line);

    /// A piece of the origin's content; that of a redirect which is followed is not wanted.
    bool take_content(std::string_view octets) noexcept;

    [[nodiscard]] std::string const& error() const noexcept;

    /// Whether it is the writing that went wrong.
    [[nodiscard]] bool failed() const noexcept { return content_.failed() || heads_.failed(); }

    [[nodiscard]] bool is_on_terminal() const noexcept { return content_.is_terminal(); }

    /// Of the last head, without trailers; libcurl bounds its size.
    [[nodiscard]] std::vector<field> const& fields() const noexcept { return fields_; }

private:
    void read_line(std::string_view line);
    bool take_name(field const& of);
    [[nodiscard]] bool shows_heads() const noexcept;

    bool styled_;
    operation const& wanted_;
    target const& which_;
    output& content_;
    head_file& heads_;
    std::vector<field> fields_;
    bool redirected_ = false; // the last status is one of a redirect
    bool skips_content_ = false;
    bool is_read_ = false; // the head, to its end
};

} // namespace viaduct_curl

#endif
