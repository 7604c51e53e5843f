/// The script of `CallTargets`: a registrar and proxy of which the user that is called chooses what it does.
enum CallScript {
    static let text = """
        listen=udp:127.0.0.1:5060
        listen=tcp:127.0.0.1:5060
        alias="example.org"
        loadmodule "db_fuzz.so"
        loadmodule "kex.so"
        loadmodule "corex.so"
        loadmodule "tm.so"
        loadmodule "tmx.so"
        loadmodule "sl.so"
        loadmodule "rr.so"
        loadmodule "pv.so"
        loadmodule "maxfwd.so"
        loadmodule "path.so"
        loadmodule "outbound.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "textops.so"
        loadmodule "textopsx.so"
        loadmodule "siputils.so"
        loadmodule "sdpops.so"
        loadmodule "xlog.so"
        loadmodule "sanity.so"
        loadmodule "counters.so"
        loadmodule "acc.so"
        loadmodule "auth.so"
        loadmodule "async.so"
        loadmodule "uac.so"
        loadmodule "uac_redirect.so"
        loadmodule "dlgs.so"
        loadmodule "htable.so"
        loadmodule "pike.so"
        loadmodule "ratelimit.so"
        loadmodule "pipelimit.so"
        loadmodule "secfilter.so"
        modparam("registrar", "max_expires", 60)
        modparam("registrar", "min_expires", 0)
        modparam("registrar", "use_path", 1)
        modparam("registrar", "gruu_enabled", 1)
        modparam("usrloc", "timer_interval", 10)
        modparam("htable", "htable", "seen=>size=4;autoexpire=30;")
        modparam("secfilter|pipelimit", "db_url", "fuzz://a/b")
        modparam("acc", "log_flag", 1)
        modparam("uac", "restore_mode", "none")
        modparam("pike", "reqs_density_per_unit", 1000)
        modparam("ratelimit", "pipe", "1:TAILDROP:1000")

        request_route {
            if (!mf_process_maxfwd_header("10")) {
                sl_send_reply("483", "Too Many Hops");
                exit;
            }
            if (!pike_check_req()) exit;
            if ($rU =~ "^strict" && !sanity_check()) exit;
            secf_check_ua();
            secf_check_from_hdr();
            secf_check_to_hdr();
            secf_check_contact_hdr();
            secf_check_sqli_all();
            force_rport();
            if (is_method("CANCEL")) {
                if (t_check_trans()) t_relay();
                exit;
            }
            if (is_method("ACK")) {
                dlgs_update();
                if (has_totag() && loose_route()) {
                    t_relay();
                } else if (t_check_trans()) {
                    t_relay();
                }
                exit;
            }
            if (t_precheck_trans()) {
                t_check_trans();
                exit;
            }
            t_check_trans();
            $sht(seen=>$ci) = $rm;
            setflag(1);
            if (has_totag()) {
                dlgs_update();
                if (loose_route()) {
                    if (!t_relay()) sl_reply_error();
                } else {
                    sl_send_reply("404", "Not Here");
                }
                exit;
            }
            loose_route_preloaded();
            if (is_method("INVITE|SUBSCRIBE")) record_route();
            if (is_method("REGISTER")) {
                if ($rd == "edge.org") {
                    add_path_received();
                    $du = "sip:192.0.2.9:5060";
                    t_relay();
                    exit;
                }
                if ($aU != $null && !pv_auth_check("$fd", "secret", "0", "1")) {
                    auth_challenge("$fd", "1");
                    exit;
                }
                if (!save("location")) sl_reply_error();
                exit;
            }
            if (is_method("INVITE")) {
                dlgs_init("$fu", "$tu", "srcip=$si");
                sdp_keep_codecs_by_name("PCMU,PCMA");
            }
            route(SERVE);
        }

        route[SERVE] {
            switch ($rU) {
            case "async":
                async_ms_sleep("500");
                $du = "sip:192.0.2.9:5060";
                t_relay();
                break;
            case "fork":
                append_branch("sip:b@192.0.2.8", "0.5");
                append_branch("sip:c@192.0.2.7;transport=tcp");
                $ru = "sip:a@192.0.2.9";
                t_on_failure("NEXT");
                t_on_branch("OUT");
                t_on_reply("BACK");
                t_relay();
                break;
            case "serial":
                append_branch("sip:b@192.0.2.8", "0.5");
                append_branch("sip:c@192.0.2.7", "0.2");
                t_load_contacts();
                t_next_contacts();
                t_on_failure("SERIAL");
                t_relay();
                break;
            case "dead":
                $du = "sip:192.0.2.9:5099;transport=tcp";
                t_on_failure("NEXT");
                t_relay();
                break;
            case "hold":
                t_newtran();
                t_suspend();
                break;
            case "answer":
                t_newtran();
                t_reply("180", "Ringing");
                t_send_reply("486", "Busy Here");
                break;
            case "rename":
                uac_replace_from("X", "sip:x@example.net");
                uac_replace_to("sip:y@example.net");
                $du = "sip:192.0.2.9";
                t_on_reply("BACK");
                t_relay();
                break;
            case "stateless":
                $du = "sip:192.0.2.9";
                forward();
                break;
            case "edit":
                append_hf("X-A: $ct\\r\\n");
                remove_hf_re("^X-");
                msg_apply_changes();
                subst("/example/other/g");
                replace_body("a", "b");
                $du = "sip:192.0.2.9";
                t_relay();
                break;
            default:
                if (uri == myself) {
                    if (!lookup("location")) {
                        sl_send_reply("404", "Not Found");
                        exit;
                    }
                    t_on_failure("NEXT");
                } else {
                    t_on_failure("CHALLENGED");
                }
                t_on_branch("OUT");
                t_on_reply("BACK");
                if (!t_relay()) sl_reply_error();
            }
            exit;
        }

        branch_route[OUT] {
            append_hf("X-Branch: $T_branch_idx\\r\\n");
        }

        onreply_route[BACK] {
            $var(x) = $rs + $rr + $ct;
            subst_hf("Contact", "/192/193/", "a");
            if (t_check_status("183")) drop;
        }

        failure_route[NEXT] {
            if (t_is_canceled()) exit;
            if (t_check_status("3[0-9][0-9]")) {
                get_redirects("3:1");
                t_relay();
                exit;
            }
            if (t_branch_timeout() || t_check_status("486|500")) {
                $ru = "sip:next@192.0.2.8";
                t_relay();
            }
        }

        failure_route[SERIAL] {
            if (t_is_canceled()) exit;
            if (!t_next_contacts()) exit;
            t_on_failure("SERIAL");
            t_relay();
        }

        failure_route[CHALLENGED] {
            if (t_check_status("401|407")) {
                $avp(user) = "a";
                $avp(realm) = "b";
                $avp(password) = "c";
                if (uac_auth()) t_relay();
            }
        }

        reply_route {
            $var(y) = $hdr(Contact) + $rs;
        }

        event_route[tm:local-request] {
            append_hf("X-Local: 1\\r\\n");
        }
        """
}
