#ifndef VIADUCT_IMPL_LOG_SQUID_CODE_TABLE_HPP
#define VIADUCT_IMPL_LOG_SQUID_CODE_TABLE_HPP

#include <viaduct/impl/log/squid_codes.hpp>

#include <array>
#include <string_view>

namespace viaduct::detail::squid {

/// What is peculiar to a code.
enum class trait : unsigned char
{
    none,
    url,    ///< Without another wish, encoded as in URLs.
    named,  ///< Likewise; its argument is `NAME[:[SEPARATOR]ELEMENT]`.
    field,  ///< Likewise, and that is a field of a head.
    octet,  ///< Its argument is the octet's value.
    address ///< Not in a record unless it is wished for.
};

/// A code of a logformat, without its `%`.
struct code
{
    std::string_view name;
    squid_value (*value)(source);
    trait has = trait::none;
};

using record = tunnel_record;

// `ssl::` stands for `tls::` as well. Those that never have a value for a tunnel print what Squid prints.
inline constexpr auto codes = std::to_array<code>({
    {"%", &always<percent_sign>},
    {"byte", &octet, trait::octet},

    {">a", &member<&record::client>},
    {">A", &member<&record::client>},
    {">p", &port<&record::client, &record::client_port>},
    {">eui", &eui},
    {">la", &member<&record::local>, trait::address},
    {">lp", &port<&record::local, &record::local_port>, trait::address},
    {">qos", &client_mark},
    {">nfmark", &client_mark},
    {"la", &listening_address, trait::address},
    {"lp", &listening_port, trait::address},
    {"<a", &member<&record::peer>},
    {"<A", &server_name},
    {"<p", &port<&record::peer, &record::peer_port>},
    {"<la", &outgoing, trait::address},
    {"oa", &outgoing, trait::address},
    {"<lp", &outgoing_port, trait::address},
    {"<qos", &server_mark},
    {"<nfmark", &server_mark},
    {">handshake", &absent},
    {"transport::>connection_id", &absent},

    {"ts", &seconds},
    {"tu", &subseconds},
    {"tl", &date<true>},
    {"tg", &date<false>},
    {"tr", &elapsed},
    {"tS", &started},
    {"dt", &lookup},
    {"<pt", &first_answer},
    {"<tt", &with_peers},
    {"busy_time", &absent},

    {"un", &member<&record::user>},
    {"ul", &login},
    {"us", &tls_user},
    {"ue", &absent},
    {"ui", &absent},
    {"et", &absent, trait::url},
    {"ea", &absent, trait::url},
    {"credentials", &credentials},

    {"rm", &member<&record::method>, trait::url},
    {">rm", &read_method, trait::url},
    {"<rm", &member<&record::method>, trait::url},
    {"ru", &target},
    {">ru", &whole_target, trait::url},
    {"<ru", &sent_target, trait::url},
    {">rs", &absent, trait::url},
    {"<rs", &absent, trait::url},
    {">rd", &domain, trait::url},
    {"<rd", &domain, trait::url},
    {">rP", &domain_port},
    {"<rP", &domain_port},
    {"rp", &absent, trait::url},
    {">rp", &absent, trait::url},
    {"<rp", &absent, trait::url},
    {"rv", &version},
    {">v", &version},
    {">rv", &read_version},
    {"<rv", &read_version},
    {"rG", &absent, trait::url},
    {">h", &request_field, trait::field},
    {">ha", &request_field, trait::field},
    {"<h", &answer_field, trait::field},
    {"Hs", &status},
    {">Hs", &status},
    {"<Hs", &received_status},
    {"mt", &content_type},

    {"st", &traffic},
    {">st", &received},
    {"<st", &count<&record::bytes_to_client>},
    {">sh", &count<&record::head_size>},
    {"<sh", &count<&record::answer_head>},
    {"<sH", &zero},
    {"<sS", &zero},
    {"<bs", &absent},

    {"Ss", &tag},
    {"Sh", &hierarchy},
    {"err_code", &error},
    {"err_detail", &error_detail},
    {"request_attempts", &count<&record::attempts>},
    {"note", &absent, trait::named},
    {"sn", &line_number},
    {"master_xaction", &count<&record::id>},

    {"ssl::bump_mode", &absent},
    {"ssl::>sni", &tls<&tls_of_client::server_name>},
    {"ssl::>cert_subject", &tls<&tls_of_client::subject>},
    {"ssl::>cert_issuer", &absent},
    {"ssl::<cert_subject", &absent},
    {"ssl::<cert_issuer", &absent},
    {"ssl::<cert_errors", &absent},
    {"ssl::<cert", &absent, trait::url},
    {"ssl::>negotiated_version", &tls_version},
    {"ssl::<negotiated_version", &absent},
    {"ssl::>negotiated_cipher", &tls<&tls_of_client::cipher>},
    {"ssl::<negotiated_cipher", &absent},
    {"ssl::>received_hello_version", &absent},
    {"ssl::<received_hello_version", &absent},
    {"ssl::>received_supported_version", &absent},
    {"ssl::<received_supported_version", &absent},
    {"proxy_protocol::>h", &proxy_header, trait::named},

    {"adapt::all_trs", &absent},
    {"adapt::sum_trs", &absent},
    {"adapt::<last_h", &absent, trait::named},
    {"icap::<last_h", &absent, trait::named},
    {"icap::tt", &zero},
    {"icap::<A", &always<no_address>},
    {"icap::<service_name", &absent},
    {"icap::ru", &absent},
    {"icap::rm", &always<no_method>},
    {"icap::>st", &zero},
    {"icap::<st", &zero},
    {"icap::<bs", &absent},
    {"icap::>h", &absent, trait::named},
    {"icap::<h", &absent, trait::named},
    {"icap::tr", &zero},
    {"icap::tio", &zero},
    {"icap::to", &always<no_outcome>},
    {"icap::Hs", &zero},

    // those of external_acl_type
    {"ACL", &absent},
    {"DATA", &absent},
    {"DST", &domain, trait::url},
    {"EXT_LOG", &absent, trait::url},
    {"EXT_TAG", &absent, trait::url},
    {"EXT_USER", &absent},
    {"IDENT", &absent},
    {"LOGIN", &login},
    {"METHOD", &read_method, trait::url},
    {"MYADDR", &listening_address, trait::address},
    {"MYPORT", &listening_port, trait::address},
    {"PATH", &absent, trait::url},
    {"PORT", &domain_port},
    {"PROTO", &absent, trait::url},
    {"SRCEUI48", &eui48},
    {"SRCEUI64", &eui64},
    {"SRCPORT", &port<&record::client, &record::client_port>},
    {"SRC", &member<&record::client>},
    {"TAG", &absent, trait::url},
    {"URI", &whole_target, trait::url},
    {"USER_CERTCHAIN", &absent},
    {"USER_CERT", &absent},
});

} // namespace viaduct::detail::squid

#endif
