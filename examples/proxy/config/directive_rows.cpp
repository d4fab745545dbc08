#include "directive_rows.hpp"

namespace viaduct_proxy {

using enum treatment;

constinit std::string_view const supported_names =
    "access_log acl always_direct auth_param cache_effective_group "
    "cache_effective_user cache_peer cache_peer_access "
    "client_ip_max_connections client_lifetime configuration_includes_quoted_values connect_timeout "
    "delay_access delay_class delay_initial_bucket_level delay_parameters delay_pools "
    "dns_nameservers dns_timeout external_acl_type forward_max_tries forward_timeout "
    "half_closed_clients happy_eyeballs_connect_timeout hosts_file "
    "http_access http_port https_port include ipcache_size logfile_daemon logfile_rotate "
    "logformat max_filedescriptors negative_dns_ttl never_direct nonhierarchical_direct "
    "peer_connect_timeout pid_filename positive_dns_ttl prefer_direct proxy_protocol_access "
    "read_timeout request_header_max_size request_start_timeout request_timeout shutdown_lifetime "
    "tcp_outgoing_address tcp_outgoing_mark tcp_outgoing_tos umask "
    "unique_hostname via visible_hostname workers";

constinit std::string_view const own_names =
    "allow_destination auth_basic_file auth_digest_file auth_failure_delay destination_guard "
    "dns_service drain_delay half_close_timeout head_timeout hide_reasons idle_timeout log_every "
    "log_queue log_starts log_when_full management_port max_tunnels max_tunnels_per_destination "
    "max_tunnels_per_user nat64 new_tunnels port_sharing quota_per_client quota_per_user "
    "quota_period rate_in_all rate_per_client rate_per_tunnel rate_per_user reject_policy "
    "report_only silent_peer_timeout status_profile";

// Caching, other protocols than HTTP's tunnels, pages for people, memory and disks of Squid's own.
constinit std::string_view const idle_names =
    "accept_filter acl_uses_indirect_client adaptation_access adaptation_masterx_shared_names "
    "adaptation_meta adaptation_send_client_ip adaptation_send_username adaptation_service_chain "
    "adaptation_service_iteration_limit adaptation_service_set adaptation_uses_indirect_client "
    "allow_underscore announce_file announce_host announce_period announce_port as_whois_server "
    "authenticate_cache_garbage_interval authenticate_ttl background_ping_rate broken_posts buffered_logs "
    "cache "
    "cache_dir cache_log_message cache_mem cache_mgr cache_miss_revalidate cache_replacement_policy "
    "cache_store_log cache_swap_high cache_swap_low cache_swap_state client_delay_access "
    "client_delay_initial_bucket_level client_delay_parameters client_dst_passthru "
    "client_idle_pconn_timeout client_persistent_connections client_request_buffer_max_size "
    "collapsed_forwarding "
    "collapsed_forwarding_access connect_retries cpu_affinity_map dead_peer_timeout debug_options "
    "delay_pool_uses_indirect_client detect_broken_pconn digest_bits_per_entry digest_generation "
    "digest_rebuild_chunk_percentage digest_rebuild_period digest_rewrite_period "
    "digest_swapout_chunk_size diskd_program dns_packet_max dns_retransmit_interval ecap_service "
    "email_err_data err_html_text err_page_stylesheet error_default_language error_directory "
    "error_log_languages esi_parser eui_lookup force_request_body_continuation fqdncache_size "
    "ftp_client_idle_timeout ftp_eprt ftp_epsv ftp_epsv_all ftp_passive ftp_sanitycheck "
    "ftp_telnet_protocol ftp_user global_internal_static happy_eyeballs_connect_gap "
    "happy_eyeballs_connect_limit "
    "high_memory_warning high_page_fault_warning high_response_time_warning "
    "hopeless_kid_revival_delay hostname_aliases htcp_access htcp_clr_access htcp_port "
    "http_accel_surrogate_remote http_upgrade_request_protocols httpd_accel_surrogate_id "
    "httpd_suppress_version_string icap_206_enable icap_access icap_class "
    "icap_client_username_encode icap_client_username_header icap_connect_timeout "
    "icap_default_options_ttl icap_io_timeout icap_log icap_persistent_connections "
    "icap_preview_enable icap_preview_size icap_retry icap_retry_limit icap_service "
    "icap_service_failure_limit icap_service_revival_delay icon_directory icp_access icp_hit_stale "
    "icp_port icp_query_timeout ident_lookup_access ident_timeout ignore_unknown_nameservers "
    "incoming_dns_average incoming_tcp_average incoming_udp_average ipcache_high ipcache_low "
    "loadable_modules log_icp_queries log_uses_indirect_client mail_from mail_program "
    "max_open_disk_fds max_stale maximum_icp_query_timeout maximum_object_size "
    "maximum_object_size_in_memory mcast_groups mcast_icp_query_timeout mcast_miss_addr "
    "mcast_miss_encode_key mcast_miss_port mcast_miss_ttl memory_cache_mode memory_cache_shared "
    "memory_pools memory_pools_limit memory_replacement_policy mime_table min_dns_poll_cnt "
    "min_tcp_poll_cnt min_udp_poll_cnt minimum_direct_hops minimum_direct_rtt minimum_expiry_time "
    "minimum_icp_query_timeout minimum_object_size negative_ttl netdb_filename netdb_high netdb_low "
    "netdb_ping_period offline_mode on_unsupported_protocol paranoid_hit_validation "
    "pconn_lifetime persistent_connection_after_error pinger_enable pinger_program pipeline_prefetch "
    "query_icmp quick_abort_max quick_abort_min quick_abort_pct range_offset_limit read_ahead_gap "
    "refresh_all_ims refresh_pattern relaxed_header_parser reload_into_ims reply_body_max_size "
    "reply_header_access reply_header_add reply_header_max_size reply_header_replace "
    "request_body_max_size request_entities request_header_replace "
    "retry_on_error send_hit server_idle_pconn_timeout server_pconn_for_nonretriable "
    "server_persistent_connections shared_memory_locking shared_transient_entries_limit "
    "short_icon_urls sleep_after_fork snmp_access snmp_incoming_address snmp_outgoing_address "
    "spoof_client_ip ssl_engine ssl_unclean_shutdown sslcrtd_children sslcrtd_program "
    "sslcrtvalidator_children sslcrtvalidator_program sslpassword_program sslproxy_cert_adapt "
    "sslproxy_cert_error sslproxy_cert_sign sslproxy_cert_sign_hash "
    "sslproxy_foreign_intermediate_certs sslproxy_session_cache_size sslproxy_session_ttl "
    "stats_collection store_avg_object_size store_dir_select_algorithm store_id_access "
    "store_id_bypass store_id_children store_id_extras store_id_program store_miss "
    "store_objects_per_bucket strip_query_terms tcp_recv_bufsize test_reachability tls_key_log "
    "tproxy_uses_indirect_client udp_incoming_address unlinkd_program "
    "uri_whitespace url_rewrite_access url_rewrite_bypass url_rewrite_children url_rewrite_extras "
    "url_rewrite_host_header url_rewrite_timeout vary_ignore_expire wccp2_address "
    "wccp2_assignment_method wccp2_forwarding_method wccp2_rebuild_wait wccp2_return_method "
    "wccp2_router wccp2_service wccp2_service_info wccp2_weight wccp_address wccp_router "
    "wccp_version windows_ipaddrchangemonitor write_timeout";

constinit std::string_view const obsolete_names =
    "balance_on_multiple_ip broken_vary_encoding cache_vary chunked_request_body_max_size "
    "dns_testnames dns_v4_fallback dns_v4_first emulate_httpd_log error_map extension_methods "
    "external_refresh_check forward_log ftp_list_width header_access hierarchy_stoplist "
    "httpd_accel_no_pmtu_disc ie_refresh ignore_expect_100 ignore_ims_on_miss incoming_rate "
    "location_rewrite_program log_fqdn log_ip_on_direct maximum_single_addr_tries referer_log "
    "refresh_stale_hit server_http11 sslproxy_cafile sslproxy_capath sslproxy_cipher "
    "sslproxy_client_certificate sslproxy_client_key sslproxy_flags sslproxy_options "
    "sslproxy_version update_headers upgrade_http0.9 url_rewrite_concurrency useragent_log "
    "wais_relay_host wais_relay_port zero_buffers zph_local";

constinit std::array<known_directive, 42> const directive_rows{{
    {"adapted_http_access", harmless_if, "allow all", "write its rules as http_access"},
    {"append_domain", refused, "", "a 'search' line of the system's resolver completes names without a dot"},
    {"auth_schemes", refused, "", "schemes are offered in the order of their auth_param lines"},
    {"authenticate_ip_ttl", idle, "", "max_user_ip counts addresses for as long as they are in use"},
    {"cache_log", idle, "", "notices go to the standard error output"},
    {"cache_peer_domain", refused, "", "use cache_peer_access with an acl of the type dstdomain"},
    {"cachemgr_passwd", harmless_if, "none *",
     "pages have no passwords: say who may see them by http_access and the acl manager"},
    {"check_hostnames", harmless_if, "off|disable",
     "names of hosts are always checked, in viaduct's own way"},
    {"chroot", refused, "", "confine the whole program: a container, or systemd's RootDirectory="},
    {"client_db", harmless_if, "on|enable", "leave it out: clients are counted only where a limit needs it"},
    {"client_delay_pools", harmless_if, "0", "use delay_pools"},
    {"dns_defnames", harmless_if, "off|disable",
     "leave it out: names are looked up as clients say them, and never completed"},
    {"client_netmask", harmless_if, "255.255.255.255",
     "use a logformat without %>a: addresses are logged whole"},
    {"clientside_tos", refused, "",
     "packets to clients are not marked; tcp_outgoing_tos marks those to servers"},
    {"coredump_dir", idle, "", "see core_pattern of the system"},
    {"deny_info", idle, "", "clients of tunnels do not show pages; refusals are in viaduct's own words"},
    {"dns_multicast_local", harmless_if, "off|disable", "names are looked up as the system does it"},
    {"ecap_enable", harmless_if, "off|disable",
     "nothing can look into a tunnel; external_acl_type can decide"},
    {"follow_x_forwarded_for", harmless_if, "deny *",
     "let the proxy before it tell by http_port's require-proxy-header"},
    {"forwarded_for", idle, "", "no X-Forwarded-For is ever sent, nor passed on"},
    {"ftp_port", refused, "", "only tunnels are served"},
    {"host_verify_strict", harmless_if, "off|disable", "where a tunnel goes is told by its target alone"},
    {"http_reply_access", idle, "", "neither does Squid ask it about tunnels"},
    {"icap_enable", harmless_if, "off|disable",
     "nothing can look into a tunnel; external_acl_type can decide"},
    {"log_access", refused, "", "put acls behind access_log; Squid refuses it as well"},
    {"log_icap", refused, "", "leave it out; Squid refuses it as well"},
    {"log_mime_hdrs", idle, "", "a logformat with %>h has header fields"},
    {"mark_client_connection", refused, "",
     "packets to clients are not marked; tcp_outgoing_mark marks those to servers"},
    {"mark_client_packet", refused, "",
     "packets to clients are not marked; tcp_outgoing_mark marks those to servers"},
    {"miss_access", harmless_if, "allow all", "every tunnel is a miss: write its rules as http_access"},
    {"neighbor_type_domain", refused, "", "use cache_peer_access with an acl of the type dstdomain"},
    {"note", idle, "", "notes are not kept"},
    {"qos_flows", refused, "", "packets to clients are not marked; tcp_outgoing_tos marks those to servers"},
    {"request_header_access", idle, "",
     "fields of a client stay with the proxy; 'via off' keeps Via from parents"},
    {"request_header_add", refused, "", "parents get no fields beyond those of a tunnel"},
    {"response_delay_pool", refused, "", "use delay_pools"},
    {"response_delay_pool_access", refused, "", "use delay_access"},
    {"snmp_port", idle, "", "management_port has metrics"},
    {"ssl_bump", harmless_if, "splice *|none *", "tunnels are never opened; decide by http_access"},
    {"tls_outgoing_options", idle, "", "it is for TLS to servers; a cache_peer has options of its own"},
    {"udp_outgoing_address", idle, "", "name servers are asked from any address"},
    {"url_rewrite_program", harmless_if, "none",
     "use external_acl_type, which can allow and deny but not rewrite"},
}};

constinit std::array<std::pair<std::string_view, std::string_view>, 39> const other_names{{
    {"ascii_port", "http_port"},
    {"cache_access_log", "access_log"},
    {"cache_host_domain", "cache_peer_domain"},
    {"cache_swap_log", "cache_swap_state"},
    {"clientside_mark", "mark_client_packet"},
    {"collapsed_forwarding_shared_entries_limit", "shared_transient_entries_limit"},
    {"header_replace", "request_header_replace"},
    {"http_access2", "adapted_http_access"},
    {"icap_send_client_ip", "adaptation_send_client_ip"},
    {"icap_send_client_username", "adaptation_send_username"},
    {"icap_uses_indirect_client", "adaptation_uses_indirect_client"},
    {"incoming_http_average", "incoming_tcp_average"},
    {"incoming_icp_average", "incoming_udp_average"},
    {"location_rewrite_access", "location_rewrite_program"},
    {"location_rewrite_children", "location_rewrite_program"},
    {"location_rewrite_concurrency", "location_rewrite_program"},
    {"max_filedesc", "max_filedescriptors"},
    {"min_http_poll_cnt", "min_tcp_poll_cnt"},
    {"min_icp_poll_cnt", "min_udp_poll_cnt"},
    {"no_cache", "cache"},
    {"pconn_timeout", "server_idle_pconn_timeout"},
    {"persistent_request_timeout", "client_idle_pconn_timeout"},
    {"redirect_children", "url_rewrite_children"},
    {"redirect_program", "url_rewrite_program"},
    {"redirect_rewrites_host_header", "url_rewrite_host_header"},
    {"redirector_access", "url_rewrite_access"},
    {"redirector_bypass", "url_rewrite_bypass"},
    {"referrer_log", "referer_log"},
    {"storeurl_rewrite_access", "store_id_access"},
    {"storeurl_rewrite_bypass", "store_id_bypass"},
    {"storeurl_rewrite_children", "store_id_children"},
    {"storeurl_rewrite_program", "store_id_program"},
    {"tcp_outgoing_ds", "tcp_outgoing_tos"},
    {"tcp_outgoing_dscp", "tcp_outgoing_tos"},
    {"udp_port", "icp_port"},
    {"zph_mode", "zph_local"},
    {"zph_option", "zph_local"},
    {"zph_parent", "zph_local"},
    {"zph_sibling", "zph_local"},
}};

} // namespace viaduct_proxy
