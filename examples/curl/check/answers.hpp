#ifndef VIADUCT_CURL_CHECK_ANSWERS_HPP
#define VIADUCT_CURL_CHECK_ANSWERS_HPP

#include <viaduct/http/fields.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace viaduct_curl::check {

/// One final answer of HTTP/1 among what a proxy has sent. Views of what it was read from.
struct answer
{
    unsigned status = 0;
    std::string_view reason{};
    viaduct::field_list fields{};
    std::string_view rest{}; ///< Everything behind its head.
    bool framed = false;     ///< It says where its content ends.

    [[nodiscard]] bool accepts() const noexcept { return status / 100 == 2; }
};

/// The final answers, one behind the other; a 2xx is the last one, as what follows is the tunnel's.
/** Lenient: an answer that is not quite right is an answer. Stops at the first octet that is none. */
[[nodiscard]] std::vector<answer> read_answers(std::string_view received);

} // namespace viaduct_curl::check

#endif
