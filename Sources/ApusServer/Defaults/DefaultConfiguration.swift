// Generated from nothing: this is the configuration itself. Exempt from the size rule.

/// The configuration that the server runs when it is given none.
public enum DefaultConfiguration {
    public static let name = "(built-in configuration)"

    public static let text = #"""
        #!KAMAILIO
        # A registrar and proxy for local users: phones register here and call each other.
        # Copy it with `apus --cfg-print > my.cfg`, change it, run it with `apus -f my.cfg`.

        #!define FLAG_ACCOUNT 1
        #!define FLAG_ACCOUNT_MISSED 2
        #!define FLAG_ACCOUNT_FAILED 3

        debug=2
        log_stderror=yes
        log_prefix="{$mt $hdr(CSeq) $ci} "
        auto_aliases=no
        tcp_connection_lifetime=3605

        #!ifndef LISTEN_ELSEWHERE
        listen=udp:127.0.0.1:5060
        listen=tcp:127.0.0.1:5060
        listen=udp:[::1]:5060
        listen=tcp:[::1]:5060
        #!endif
        alias="localhost"

        loadmodule "kex.so"
        loadmodule "corex.so"
        loadmodule "tm.so"
        loadmodule "tmx.so"
        loadmodule "sl.so"
        loadmodule "rr.so"
        loadmodule "pv.so"
        loadmodule "maxfwd.so"
        #!ifdef DBURL
        loadmodule "db_sqlite.so"
        #!endif
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "textops.so"
        loadmodule "siputils.so"
        loadmodule "xlog.so"
        loadmodule "sanity.so"
        loadmodule "ctl.so"
        loadmodule "cfg_rpc.so"
        loadmodule "counters.so"
        loadmodule "acc.so"

        # apus -A 'DBURL="sqlite:///var/lib/apus/apus.db"' keeps who is registered over a restart; `apusctl db create`
        # makes the file.
        #!ifdef DBURL
        modparam("usrloc", "db_url", DBURL)
        modparam("usrloc", "db_mode", 1)
        #!endif
        modparam("sanity", "autodrop", 0)
        modparam("rr", "append_fromtag", 0)
        modparam("registrar", "max_expires", 3600)
        modparam("registrar", "method_filtering", 1)
        modparam("registrar", "gruu_enabled", 0)
        modparam("ctl", "binrpc", "unix:apus_ctl")
        modparam("acc", "log_flag", FLAG_ACCOUNT)
        modparam("acc", "log_missed_flag", FLAG_ACCOUNT_MISSED)
        modparam("acc", "failed_transaction_flag", FLAG_ACCOUNT_FAILED)

        request_route {
            route(FIRST_CHECKS);

            if (is_method("CANCEL")) {
                if (t_check_trans()) {
                    route(SEND_ON);
                }
                exit;
            }
            if (!is_method("ACK")) {
                if (t_precheck_trans()) {
                    t_check_trans();
                    exit;
                }
                t_check_trans();
            }

            route(IN_DIALOG);

            # From here on: requests that begin something.
            if (uri != myself) {
                sl_send_reply("403", "Not relaying");
                exit;
            }
            remove_hf("Route");
            if (is_method("INVITE|SUBSCRIBE|REFER")) {
                record_route();
            }
            if (is_method("INVITE")) {
                setflag(FLAG_ACCOUNT);
            }
            if (is_method("REGISTER")) {
                if (!save("location")) {
                    sl_reply_error();
                }
                exit;
            }
            if (is_method("PUBLISH")) {
                sl_send_reply("404", "Not here");
                exit;
            }
            if ($rU == $null) {
                sl_send_reply("484", "Address Incomplete");
                exit;
            }
            route(FIND_PHONE);
        }

        # Answers what needs no routing and refuses what is broken.
        route[FIRST_CHECKS] {
            set_reply_no_connect();
            force_rport();
            if ($ua =~ "friendly|scanner|sipcli|sipvicious") {
                exit;
            }
            if (!mf_process_maxfwd_header("10")) {
                sl_send_reply("483", "Too Many Hops");
                exit;
            }
            if (is_method("OPTIONS") && uri == myself && $rU == $null) {
                sl_send_reply("200", "Keepalive");
                exit;
            }
            if (!sanity_check("17895", "7")) {
                xlog("L_NOTICE", "malformed request from $si:$sp\n");
                exit;
            }
        }

        # Requests inside a dialog follow the route that its first request recorded.
        route[IN_DIALOG] {
            if (!has_totag()) return;
            if (loose_route()) {
                if (is_method("BYE")) {
                    setflag(FLAG_ACCOUNT);
                    setflag(FLAG_ACCOUNT_FAILED);
                } else if (is_method("NOTIFY|REFER")) {
                    record_route();
                }
                route(SEND_ON);
            }
            if (is_method("ACK")) {
                if (t_check_trans()) {
                    route(SEND_ON);
                }
                exit;
            }
            sl_send_reply("404", "Not here");
            exit;
        }

        # Looks up where the called user is registered.
        route[FIND_PHONE] {
            if (!lookup("location")) {
                $var(why) = $rc;
                t_newtran();
                switch ($var(why)) {
                    case -2:
                        send_reply("405", "Method Not Allowed");
                        exit;
                    default:
                        send_reply("404", "Not Found");
                        exit;
                }
            }
            if (is_method("INVITE")) {
                setflag(FLAG_ACCOUNT_MISSED);
            }
            route(SEND_ON);
        }

        route[SEND_ON] {
            if (is_method("INVITE") && !t_is_set("failure_route")) {
                t_on_failure("NO_ANSWER");
            }
            if (!t_relay()) {
                sl_reply_error();
            }
            exit;
        }

        reply_route {
            if (!sanity_check("17604", "6")) {
                xlog("L_NOTICE", "malformed reply from $si:$sp\n");
                drop;
            }
            return;
        }

        # Every branch of a call has failed; the best reply goes to the caller.
        failure_route[NO_ANSWER] {
            if (t_is_canceled()) exit;
            xdbg("call to $rU failed\n");
        }

        """#
}
