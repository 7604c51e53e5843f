import Bytes
import ModuleKit

/// What modules load from databases, and what they ask them during a call.
enum LoadTargets {
    private static let held = Lock<(server: FuzzServer?, runs: Int)>((nil, 0))
    private static let runs = 1000

    /// The first line is the user that is called, the rest what the tables hold (`FuzzDatabase`). Everything is loaded
    /// again, and then a call asks for it.
    static func load(_ bytes: [UInt8]) {
        let end = bytes.firstIndex(of: 10) ?? bytes.count
        self.held.withLock { held in
            held.runs += 1
            if held.runs % self.runs == 0 { held.server = nil }
            let server = held.server ?? self.made()
            held.server = server
            FuzzDatabase.hold(bytes[end...])
            for (command, parameters) in self.reloads { _ = server.server.begin(command, parameters) }
            server.receive(self.request(bytes[..<end]), from: 0)
        }
    }

    /// A start is refused for what a reload only reports, so it finds nothing.
    private static func made() -> FuzzServer {
        FuzzDatabase.hold([])
        return FuzzServer("load.cfg", LoadScript.text, modules: [ModuleType(FuzzDatabase.self)])
    }

    private static let reloads: [(String, [RPCValue])] = [
        ("dialplan.reload", []), ("domain.reload", []), ("htable.reload", [.string("a")]),
        ("htable.reload", [.string("b")]), ("permissions.addressReload", []), ("permissions.trustedReload", []),
        ("secfilter.reload", []), ("uac.reg_reload", []), ("dialplan.dump", [.int(1)]), ("domain.dump", []),
        ("htable.dump", [.string("a")]), ("permissions.addressDump", []), ("permissions.subnetDump", []),
        ("permissions.domainDump", []), ("permissions.trustedDump", []), ("secfilter.print", []), ("uac.reg_dump", []),
    ]

    private static func request(_ user: ArraySlice<UInt8>) -> [UInt8] {
        let user = user.filter { $0 > 32 && $0 != UInt8(ascii: "@") }
        return Array("INVITE sip:".utf8) + user
            + Array(
                """
                @example.org SIP/2.0\r
                Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r
                From: "Ann" <sip:ann@example.org>;tag=1\r
                To: <sip:b@example.org>\r
                Call-ID: 1\r
                CSeq: 1 INVITE\r
                Contact: <sip:ann@192.0.2.1>\r
                User-Agent: Phone\r
                Content-Length: 0\r
                \r

                """.utf8)
    }
}

/// Asks all that can be asked of a database, one after the other.
enum LoadScript {
    static let text = """
        listen=udp:127.0.0.1:5060
        loadmodule "db_fuzz.so"
        loadmodule "kex.so"
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "pv.so"
        loadmodule "siputils.so"
        loadmodule "xlog.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "auth.so"
        loadmodule "auth_db.so"
        loadmodule "alias_db.so"
        loadmodule "avpops.so"
        loadmodule "dialplan.so"
        loadmodule "domain.so"
        loadmodule "group.so"
        loadmodule "htable.so"
        loadmodule "permissions.so"
        loadmodule "pipelimit.so"
        loadmodule "secfilter.so"
        loadmodule "speeddial.so"
        loadmodule "sqlops.so"
        loadmodule "uac.so"
        loadmodule "uri_db.so"
        modparam("auth_db|alias_db|avpops|dialplan|domain|group", "db_url", "fuzz://a/b")
        modparam("htable|permissions|pipelimit|secfilter|speeddial|uri_db", "db_url", "fuzz://a/b")
        modparam("avpops", "avp_table", "usr_preferences")
        modparam("auth_db", "load_credentials", "$avp(display)=display_name;email")
        modparam("dialplan", "reload_delta", 0)
        modparam("dialplan", "match_dynamic", 1)
        modparam("permissions", "reload_delta", 0)
        modparam("permissions", "db_mode", 1)
        modparam("permissions", "peer_tag_avp", "$avp(peer)")
        modparam("htable", "htable", "a=>size=4;dbtable=htable;")
        modparam("htable", "htable", "b=>size=4;dbtable=packed;cols='key_name,a,b,c';")
        modparam("htable", "db_expires", 1)
        modparam("sqlops", "sqlcon", "ca=>fuzz://a/b")
        modparam("uac", "restore_mode", "none")
        modparam("uac", "reg_db_url", "fuzz://a/b")
        modparam("uac", "reg_contact_addr", "127.0.0.1:5060")
        modparam("uac", "reload_delta", 0)
        modparam("uac", "reg_gc_interval", 0)

        request_route {
            dp_translate("1", "$rU/$var(out)");
            dp_match("1", "$rU");
            dp_replace("1", "$rU", "$var(number)");
            is_domain_local("$fd");
            is_domain_local("$rU");
            lookup_domain("$rd", "d_");
            allow_source_address("1");
            allow_address("2", "$rU", "5060");
            allow_source_address_group();
            allow_trusted();
            $var(x) = $sht(a=>$rU);
            $var(x) = $sht(a=>$rU[0]);
            $var(x) = $sht(b=>$rU);
            $var(x) = $shtcv(a=>~~.*);
            sht_print();
            is_user_in("From", "ld");
            get_user_group("From", "$avp(group)");
            sd_lookup("speed_dial");
            alias_db_lookup("dbaliases");
            alias_db_find("dbaliases", "$fu", "$var(user)", "r");
            auth_check("$fd", "subscriber", "1");
            is_subscriber("$ru", "subscriber", "1");
            check_from();
            check_uri("$ru");
            does_uri_exist();
            avp_db_load("$fu", "$avp(s:language)");
            avp_db_query("select a from t", "$avp(a);$avp(b)");
            secf_check_ip();
            secf_check_ua();
            secf_check_country("$rU");
            secf_check_dst("$rU");
            secf_check_from_hdr();
            secf_check_to_hdr();
            secf_check_contact_hdr();
            if (sql_query("ca", "select a from t", "ra") == 1) {
                $var(x) = $dbr(ra=>[0,0]);
                $var(x) = $dbr(ra=>rows);
                $var(x) = $dbr(ra=>colname[1]);
                sql_result_free("ra");
            }
            sql_xquery("ca", "select a from t", "row");
            sql_pvquery("ca", "select a from t", "$avp(u);$var(q)");
            uac_reg_lookup("$rU", "$avp(uri)");
            uac_reg_status("$rU");
            drop;
        }
        """
}
