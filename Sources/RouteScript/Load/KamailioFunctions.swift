// A table: exempt from the size rule. The functions that Kamailio's modules give to scripts, so that a script that uses
// one is told which module to load, also when this build does not have that module yet.

/// Which module has which function.
enum KamailioFunctions {
    /// Modules by the function that they have; a few names exist in several.
    static let modules: [String: [String]] = {
        var result: [String: [String]] = [:]
        var module = ""
        for word in Self.table.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            if word.hasSuffix(":") {
                module = String(word.dropLast())
            } else {
                result[String(word), default: []].append(module)
            }
        }
        return result
    }()

    private static let table = """
        acc: acc_log_request acc_db_request acc_request acc_rad_request acc_diam_request
        alias_db: alias_db_lookup alias_db_find
        app_lua: lua_dofile lua_dostring lua_run lua_runstring
        app_python3: python_exec
        async: async_route async_ms_route async_sleep async_ms_sleep async_task_route async_task_group_route
          async_task_data async_task_group_data async_tkv_emit
        auth: www_challenge proxy_challenge auth_challenge consume_credentials has_credentials pv_www_authenticate
          pv_proxy_authenticate pv_auth_check auth_get_www_authenticate auth_algorithm pv_www_authorize
          pv_proxy_authorize
        auth_db: www_authenticate www_authorize proxy_authenticate proxy_authorize auth_check is_subscriber
        avpops: avp_db_load avp_db_store avp_db_delete avp_db_query avp_delete avp_pushto avp_check avp_copy
          avp_subst avp_subst_pv avp_op is_avp_set avp_print
        carrierroute: cr_user_carrier cr_route cr_nofallback_route cr_next_domain
        cfgutils: rand_event rand_set_prob rand_reset_prob rand_get_prob sleep usleep abort pkg_status pkg_summary
          shm_status shm_summary set_gflag reset_gflag is_gflag lock trylock unlock check_route_exists
          route_if_exists core_hash
        corex: append_branch send send_udp send_tcp send_data sendx is_incoming msg_iflag_set msg_iflag_reset
          msg_iflag_is_set file_read file_write setxflag resetxflag isxflagset set_send_socket set_send_socket_name
          set_recv_socket set_recv_socket_name set_source_address via_add_srvid via_add_xavp_params
          via_use_xavp_fields via_reply_add_xavp_params is_faked_msg is_socket_name forward_uac forward_uac_uri
          forward_reply msg_vbflag_set msg_vbflag_is_set msg_vbflag_reset add_tcp_alias has_ruri_user has_user_agent
          msg_vbflag_parse
        counters: cnt_inc cnt_add cnt_reset
        debugger: dbg_breakpoint dbg_pv_dump dbg_sip_msg
        dialog: dlg_manage is_known_dlg dlg_get dlg_bye dlg_bridge dlg_refer dlg_refer_did dlg_refer_dcid
          dlg_set_timeout dlg_set_timeout_by_profile dlg_set_property dlg_reset_property dlg_setflag dlg_resetflag
          dlg_isflagset dlg_set_var dlg_get_var set_dlg_profile unset_dlg_profile is_in_profile get_profile_size
          dlg_remote_profile dlg_set_ruri dlg_update_contact dlg_update_socket dlg_db_load_callid dlg_db_load_extra
          dlg_req_within dlg_req_with_headers_within dlg_req_with_content_within
          dlg_req_with_headers_and_content_within dlg_set_state dlg_remove_dialogs_from_node dlg_update_state
          dlg_refer_cid
        dialplan: dp_replace dp_match dp_translate dp_reload
        dispatcher: ds_select_dst ds_select_domain ds_select ds_select_routes ds_next_dst ds_next_domain ds_set_dst
          ds_set_domain ds_mark_dst ds_mark_addr ds_list_exists ds_list_exist ds_is_from_list ds_is_active
          ds_load_update ds_load_unset ds_reload ds_dsg_fetch ds_dsg_fetch_uri ds_oc_set_attrs
        dlgs: dlgs_init dlgs_update dlgs_count dlgs_tags_add dlgs_tags_rm dlgs_tags_count
        dmq: dmq_handle_message dmq_process_message dmq_send_message dmq_bcast_message dmq_t_replicate
          dmq_is_from_node dmq_process_custom dmq_handle_custom
        domain: is_from_local is_uri_host_local is_domain_local lookup_domain bind_domain
        drouting: do_routing next_routing use_next_gw goes_to_gw is_from_gw
        evapi: evapi_relay evapi_async_relay evapi_multicast evapi_async_multicast evapi_unicast evapi_async_unicast
          evapi_close evapi_set_tag
        exec: exec_dset exec_msg exec_avp exec_cmd
        htable: sht_print sht_rm sht_rm_name_re sht_rm_value_re sht_rm_name sht_rm_value sht_setxs sht_setxi
          sht_reset sht_lock sht_unlock sht_iterator_start sht_iterator_end sht_iterator_next sht_iterator_rm
          sht_iterator_sets sht_iterator_seti sht_iterator_setex sht_match_name sht_has_name sht_match_str_value
          sht_has_str_value sht_is_null sht_inc sht_dec
        http_async_client: http_async_query http_async_send http_async_send_xdata
        http_client: http_connect http_connect_raw http_get_redirect http_client_query http_client_get
          http_client_request http_client_request_v2pk http_client_response_headers_set
          http_client_response_headers_clear
        ipops: is_ip is_pure_ip is_ipv4 is_ipv6 is_ipv6_reference ip_type detailed_ip_type detailed_ipv4_type
          detailed_ipv6_type compare_ips compare_pure_ips is_ip_rfc1918 is_in_subnet dns_sys_match_ip
          dns_int_match_ip dns_query ptr_query srv_query naptr_query dns_set_local_ttl
        jansson: jansson_get jansson_pv_get jansson_get_field jansson_set jansson_append jansson_array_size
          jansson_xdecode jansson_xencode
        json: json_get_field json_get_string
        jsonrpcs: jsonrpc_dispatch jsonrpc_exec
        keepalive: ka_is_alive ka_add_destination ka_del_destination
        kex: setsflag resetsflag issflagset setbflag resetbflag isbflagset setdsturi resetdsturi isdsturiset
          pv_printf avp_printf is_myself is_myhost setdebug resetdebug km_append_branch
        lcr: load_gws next_gw inactivate_gw defunct_gw from_gw from_any_gw to_gw to_any_gw
        maxfwd: maxfwd_process mf_process_maxfwd_header process_maxfwd is_maxfwd_lt maxfwd_at_least mf_lowlimit
        mqueue: mq_add mq_fetch mq_pv_free mq_size
        nathelper: nat_uac_test fix_nated_contact add_contact_alias set_contact_alias handle_ruri_alias
          set_alias_to_pv fix_nated_register fix_nated_sdp add_rcv_param is_rfc1918
        ndb_redis: redis_cmd redis_pipe_cmd redis_execute redis_free
        outbound: check_flow_token
        path: add_path add_path_received add_path_advertised_address add_path_received_advertised_address
        permissions: allow_source_address allow_address allow_source_address_group allow_address_group allow_trusted
          allow_routing allow_register allow_register_include_port allow_uri
        pike: pike_check_req pike_check_ip
        pipelimit: pl_check pl_active pl_drop
        presence: handle_publish handle_subscribe pres_auth_status pres_has_subscribers pres_refresh_watchers
          pres_update_watchers pres_update_watchers_status
        presence_xml: pres_check_basic pres_check_activities
        pv: pv_isset pv_unset is_int typeof not_empty pv_evalx xavp_copy xavp_params_explode xavp_xparams_explode
          xavp_params_implode xavp_params_implode_qval xavu_params_explode xavu_params_implode xavp_slist_explode
          xavp_child_seti xavp_child_sets xavi_child_seti xavi_child_sets xavp_rm xavp_rm_all xavi_rm xavi_rm_all
          xavp_child_rm xavi_child_rm xavp_lshift xavp_push_dst sbranch_set_ruri sbranch_append sbranch_reset
          pv_xavp_print pv_xavu_print pv_xavi_print pv_var_to_xavp pv_xavp_to_var
        regex: pcre_match pcre_match_group
        registrar: save lookup lookup_branches lookup_to_dset lookup_xavp registered add_sock_hdr unregister
          reg_fetch_contacts reg_free_contacts reg_from_user reg_send_reply
        rr: loose_route loose_route_mode loose_route_preloaded record_route record_route_preset
          record_route_advertised_address remove_record_route add_rr_param check_route_param is_direction
          rr_next_hop_route
        rtpengine: rtpengine_manage rtpengine_offer rtpengine_answer rtpengine_delete rtpengine_destroy
          rtpengine_query rtpengine_query_v rtpengine_info rtpengine_connect rtpengine_subscribe_request
          rtpengine_subscribe_answer rtpengine_unsubscribe set_rtpengine_set start_recording stop_recording
          block_dtmf unblock_dtmf block_media unblock_media silence_media unsilence_media start_forwarding
          stop_forwarding play_media stop_media play_dtmf
        rtpproxy: rtpproxy_manage rtpproxy_offer rtpproxy_answer rtpproxy_destroy unforce_rtp_proxy
          set_rtp_proxy_set start_recording rtpproxy_stream2uac rtpproxy_stream2uas rtpproxy_stop_stream2uac
          rtpproxy_stop_stream2uas
        sanity: sanity_check sanity_reply
        sdpops: sdp_remove_codecs_by_id sdp_remove_codecs_by_name sdp_keep_codecs_by_id sdp_keep_codecs_by_name
          sdp_remove_line_by_prefix sdp_remove_media sdp_remove_transport sdp_with_media sdp_with_active_media
          sdp_with_transport sdp_with_transport_like sdp_transport sdp_with_codecs_by_id sdp_with_codecs_by_name
          sdp_with_ice sdp_print sdp_get sdp_content sdp_get_line_startswith sdp_get_address_family
          sdp_iterator_start sdp_iterator_next sdp_iterator_end sdp_iterator_rm sdp_iterator_append
          sdp_iterator_insert
        siptrace: sip_trace sip_trace_mode sip_trace_msg hlog
        siputils: has_totag is_request is_reply is_sip is_http is_first_hop is_user is_uri is_e164 is_uri_user_e164
          is_rpid_user_e164 is_tel_number is_numeric is_alphanum is_alphanumex is_gruu is_supported uri_param
          uri_param_any add_uri_param get_uri_param uri_param_rm tel2sip tel2sip2 encode_contact decode_contact
          decode_contact_header cmp_uri cmp_aor cmp_hdr_name append_rpid_hf set_uri_user set_uri_host options_reply
          sip_p_charging_vector contact_param_encode contact_param_encode_alias contact_param_decode
          contact_param_decode_ruri contact_param_decode_uri contact_param_rm contact_param_check hdr_date_check
          sip_parse_headers ring_insert_callid is_uri_valid
        sl: sl_send_reply sl_reply send_reply send_reply_mode send_reply_error sl_reply_error sl_forward_reply
        speeddial: sd_lookup
        sqlops: sql_query sql_xquery sql_pvquery sql_query_async sql_result_free
        statistics: update_stat reset_stat
        textops: is_method has_body append_hf insert_hf append_urihf append_to_reply remove_hf remove_hf_pv
          remove_hf_re remove_hf_re_pv remove_hf_exp remove_hf_exp_pv remove_hf_idx remove_hf_match is_present_hf
          is_present_hf_pv is_present_hf_re is_present_hf_re_pv search search_body search_hf search_str
          search_append search_append_body replace replace_all replace_body replace_body_all replace_body_atonce
          replace_hdrs replace_str replace_body_str replace_hdrs_str subst subst_uri subst_user subst_body subst_hf
          subst_v set_body set_body_hex set_reply_body set_reply_body_hex filter_body set_body_multipart
          append_body_part append_body_part_hex get_body_part get_body_part_raw remove_body_part append_time
          append_time_to_request is_audio_on_hold is_privacy in_list in_list_prefix cmp_str cmp_istr starts_with
          starts_with_i ends_with str_find str_ifind str_any_in str_all_in regex_substring via_param_rm glob
        textopsx: msg_apply_changes msg_changed_route msg_set_buffer change_reply_status change_reply_status_code
          remove_body keep_hf fnmatch append_hf_value insert_hf_value remove_hf_value remove_hf_value2
          assign_hf_value assign_hf_value2 include_hf_value exclude_hf_value hf_value_exists hf_iterator_start
          hf_iterator_end hf_iterator_next hf_iterator_prev hf_iterator_rm hf_iterator_append hf_iterator_insert
          bl_iterator_start bl_iterator_end bl_iterator_next bl_iterator_rm bl_iterator_append bl_iterator_insert
        tls: is_peer_verified tls_set_connect_server_id
        tm: t_relay t_relay_to t_relay_to_proxy t_relay_to_udp t_relay_to_tcp t_relay_to_tls t_relay_to_sctp
          t_relay_cancel t_lookup_cancel t_on_failure t_on_branch t_on_reply t_on_branch_failure t_newtran
          t_lookup_request t_exists t_check_trans t_release t_reply t_send_reply t_reply_error t_retransmit_reply
          t_replicate t_replicate_to t_replicate_udp t_replicate_tcp t_replicate_tls t_replicate_sctp
          t_forward_nonack t_forward_nonack_udp t_forward_nonack_tcp t_forward_nonack_tls t_forward_nonack_sctp
          t_forward_nonack_to t_relay_to_avp t_set_fr t_reset_fr t_set_retr t_reset_retr t_set_max_lifetime
          t_reset_max_lifetime t_set_auto_inv_100 t_set_disable_6xx t_set_disable_failover
          t_set_disable_internal_reply t_set_no_e2e_cancel_reason t_disable_e2e_cancel_reason t_set_no_auto_ack
          t_branch_timeout t_branch_replied t_any_timeout t_any_replied t_grep_status t_is_canceled t_is_expired
          t_is_set t_check_status t_get_status_code t_drop_replies t_save_lumps t_use_uac_headers t_load_contacts
          t_next_contacts t_next_contact_flow t_is_retr_async_reply t_uac_send t_clean t_cell_append_branches
          t_msg_apply_changes t_forward_nonack_uri t_write_req t_write_unix
        tmx: t_cancel_branches t_cancel_callid t_cancel_branch_idx t_uac_ack_local t_reply_callid t_flush_flags
          t_flush_xflags t_is_failure_route t_is_branch_route t_is_reply_route t_is_request_route t_suspend
          t_continue t_drop t_reuse_branch t_precheck_trans t_vbflag_set t_vbflag_reset t_vbflag_is_set
        topos: tps_set_context
        uac: uac_replace_from uac_restore_from uac_replace_to uac_restore_to uac_auth uac_auth_mode uac_req_send
          uac_reg_send_register uac_reg_send_unregister uac_reg_lookup uac_reg_lookup_uri uac_reg_status
          uac_reg_request_to uac_reg_enable uac_reg_disable uac_reg_refresh
        uac_redirect: set_deny_filter set_accept_filter get_redirects
        websocket: ws_handle_handshake ws_close ws_connect ws_connect_url ws_send
        xhttp: xhttp_reply
        xhttp_prom: prom_check_uri prom_dispatch prom_counter_reset prom_gauge_reset prom_counter_inc prom_gauge_inc
          prom_gauge_set prom_histogram_observe
        xlog: xlog xdbg xinfo xnotice xwarn xerr xbug xcrit xalert xlogl xdbgl xlogm
        xmlrpc: dispatch_rpc xmlrpc_reply
        """
}
