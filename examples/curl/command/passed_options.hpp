#ifndef VIADUCT_CURL_COMMAND_PASSED_OPTIONS_HPP
#define VIADUCT_CURL_COMMAND_PASSED_OPTIONS_HPP

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace viaduct_curl {

struct slist_deleter
{
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// A list of libcurl's, which has to live as long as a handle uses it.
using slist = std::unique_ptr<curl_slist, slist_deleter>;

[[nodiscard]] slist make_slist(std::vector<std::string> const& lines);

/// Switches that are options of libcurl and nothing else: what they mean is libcurl's affair.
class passed_options
{
public:
    using value = std::variant<std::int64_t, std::string, std::vector<std::string>>;

    /// The last value counts.
    void set(CURLoption what, std::string_view switch_name, value to);

    /// For switches that may be given again and add to what is there.
    void append(CURLoption what, std::string_view switch_name, std::string line);

    /// For masks: adds bits, or takes them away.
    void set_bits(CURLoption what, std::string_view switch_name, std::int64_t bits, bool on = true);

    void erase(CURLoption what);

    [[nodiscard]] value const* find(CURLoption what) const noexcept;

    /// Sets all of them.
    /** @return What the handle needs to stay alive.
     * @throws failure with libcurl's code that names the switch which libcurl does not take. */
    [[nodiscard]] std::vector<slist> apply(CURL* to) const;

private:
    struct entry
    {
        CURLoption what;
        std::string switch_name;
        value to;
    };

    [[nodiscard]] entry* find_entry(CURLoption what) noexcept;

    std::vector<entry> entries_;
};

} // namespace viaduct_curl

#endif
