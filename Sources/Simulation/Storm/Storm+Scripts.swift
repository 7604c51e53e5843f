extension Storm {
    /// Sends every request on without a transaction: for tests of the rules.
    public static let statelessScript = """
        loadmodule "tmx.so"
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "pv.so"
        request_route {
            $du = "sip:192.0.2.1";
            forward();
        }
        """

    public static let script = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "tmx.so"
        loadmodule "pv.so"
        loadmodule "textops.so"
        loadmodule "siputils.so"
        loadmodule "corex.so"
        modparam("tm", "retr_timer1", 100)
        modparam("tm", "retr_timer2", 400)
        modparam("tm", "fr_timer", 3000)
        modparam("tm", "fr_inv_timer", 6000)
        modparam("tm", "wt_timer", 7000)
        modparam("tm", "max_inv_lifetime", 20000)
        modparam("tm", "max_noninv_lifetime", 8000)

        request_route {
            if (is_method("CANCEL") || is_method("ACK")) {
                if (t_check_trans()) t_relay();
                exit;
            }
            t_check_trans();
            $avp(shape) = $rU;
            $ru = "sip:a@192.0.2.1";
            if ($avp(shape) =~ "^p") append_branch("sip:b@192.0.2.2");
            if ($avp(shape) == "p3") append_branch("sip:c@192.0.2.3");
            if ($avp(shape) =~ "^[qmr]") t_on_failure("FIRST");
            if (!t_relay()) sl_reply_error();
        }

        failure_route[FIRST] {
            if (t_is_canceled()) exit;
            if ($avp(shape) == "r1") {
                t_reply("480", "Not Now");
                exit;
            }
            if ($avp(shape) == "q3") t_on_failure("SECOND");
            $ru = "sip:b@192.0.2.2";
            if ($avp(shape) == "m3") append_branch("sip:c@192.0.2.3");
            t_relay();
        }

        failure_route[SECOND] {
            if (t_is_canceled()) exit;
            $ru = "sip:c@192.0.2.3";
            t_relay();
        }
        """
}
