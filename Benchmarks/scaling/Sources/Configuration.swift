/// A registrar and proxy that remembers its callers.
enum Configuration {
    static let text = """
        debug=0
        children=64
        disable_tcp=yes
        auto_aliases=no
        listen=udp:127.0.0.1:15060
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "rr.so"
        loadmodule "pv.so"
        loadmodule "maxfwd.so"
        loadmodule "textops.so"
        loadmodule "siputils.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "htable.so"
        modparam("htable", "htable", "callers=>size=8;autoexpire=60;")
        modparam("registrar", "max_expires", 3600)
        request_route {
            if (!mf_process_maxfwd_header("70")) {
                sl_send_reply("483", "Too Many Hops");
                exit;
            }
            if (has_totag()) {
                if (loose_route()) {
                    t_relay();
                    exit;
                }
                sl_send_reply("404", "Not Here");
                exit;
            }
            t_check_trans();
            if (method == "REGISTER") {
                if (!save("location")) sl_reply_error();
                exit;
            }
            $sht(callers=>$fU) = $sht(callers=>$fU) + 1;
            if (method == "INVITE") record_route();
            if (!lookup("location")) {
                sl_send_reply("404", "Not Found");
                exit;
            }
            if (!t_relay()) sl_reply_error();
        }
        """
}
