#ifndef VIADUCT_EXAMPLES_PROXY_CONFIG_CONF_WORDS_HPP
#define VIADUCT_EXAMPLES_PROXY_CONFIG_CONF_WORDS_HPP

#include "config_file.hpp"
#include "config_source.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace viaduct_proxy {

/// How Squid 5 cuts the rest of a directive into words. Blanks part them, and a `#` that starts one starts a
/// comment; the rest depends on the kind of the directive.
enum class word_syntax
{
    plain,   ///< Most of them: quotes mean something only where `configuration_includes_quoted_values` is on.
    quoting, ///< Quotes always keep blanks together, with `\` in them: dns_nameservers, url_rewrite_extras.
    lists,   ///< acl and all that name acls: `"FILE"` is the words of a file, one a line.
    regex    ///< Patterns: as lists, and a `\` keeps a blank behind it.
};

struct conf_word
{
    std::string text;
    bool quoted = false;
    std::string where{};    ///< That of its directive, or `FILE:LINE` of the file that it is of.
    std::size_t offset = 0; ///< Of its start in the directive's rest.
};

/// The words of a directive, those of the files that it names among them.
/** @throws config_mistake at the first thing that Squid refuses, or would drop. */
[[nodiscard]] std::vector<conf_word> words(directive const& d, word_syntax syntax = word_syntax::plain,
                                           config_source const& source = disk_source());

/// What is behind an offset of the rest, as a single value up to the end of the line: a `#` in it is no
/// comment. Where quoted values are on it is one word.
/** @throws config_mistake */
[[nodiscard]] std::string to_end(directive const& d, std::size_t offset = 0);

} // namespace viaduct_proxy

#endif
