import Bytes
import Testing

@testable import RouteScript

@Suite("Front end: any text")
struct FrontEndRobustnessTests {
    static let sample = """
        #!KAMAILIO
        #!define FLT_ACC 1
        #!trydef DBURL "mysql://u:p@localhost/db"
        #!ifdef WITH_DEBUG
        debug=3
        #!else
        debug=2
        #!endif
        #!substdef "!HOST!sip.example.org!g"
        /* nested /* comment */ here */
        log_prefix="{$mt $hdr(CSeq) $ci} "
        listen=udp:127.0.0.1:5060 advertise 192.0.2.1:5060 name "x"
        listen=tcp:[::1]:5060
        alias=HOST "b.example.org"
        flags A:1, B, C:3;
        pstn.gw_ip = "10.0.0.101" desc "gate"
        loadmodule "tm.so"
        modparam("tm|sl", "fr_timer", 30000)
        modparam("acc", "log_extra",
            "src_user=$fU;src_ip=$si;"
            "dst_user=$rU")
        import_file "local.cfg"
        request_route {
            force_rport;
            if (is_method("INVITE") && uri==myself || src_ip!=10.0.0.0/8) {
                setflag(FLT_ACC); # do accounting
                $avp(x) = "sip:" + $rU + "@" + $sel(cfg_get.pstn.gw_ip);
            } else if ($rU=~"^(\\\\+|00)[1-9]") strip(2);
            else { route(RELAY); }
            switch ($var(rc)) {
                case -1:
                case -3: send_reply("404", "Not Found"); exit;
                default: break;
            }
            while ($var(i) < 5) { $var(i) = $var(i) + 1; }
            if (!defined $(hdr(P-X)[0]{s.len}) or strempty(@cfg_get.pstn.gw_ip)) return -1;
            $var(y) = (int)$rs + 0x1f - 010 mod 101b;
            xlog("L_INFO", "text $(ru) \\"quoted\\" \\n");
        }
        route[RELAY] { if (!t_relay()) { sl_reply_error(); } exit; }
        reply_route { if(status=~"[12][0-9][0-9]") { drop; } return; }
        event_route[tm:local-request] { ; }

        """

    @Test func `the sample is valid`() {
        #expect(Reading.file(Self.sample).renderedDiagnostics() == "")
    }

    @Test func `no change of a valid file makes the front end trap or hang`() {
        var random = SeededGenerator(seed: 20_24)
        let original = Array(Self.sample.utf8)
        let pieces = [
            "#!ifdef X\n", "#!endif\n", "#!else\n", "\"", "'", "/*", "*/", "{", "}", "(", ")", "$", "$(", "[", "]", ";",
            "\\\n", "#!define A A\n", "A", "if", "else", "case", "::", "@", "0x", "\u{0}", "é", "!!", "route[", "!~",
            "include_file \"test.cfg\"\n", "#!subst \"/a/aa/g\"\n", "= =", "listen=", ".", "-",
        ]
        var invalid = 0
        for _ in 0..<3000 {
            var text = original
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: text[place] = UInt8.random(in: 0...255, using: &random)
                case 1: text.removeSubrange(place..<min(text.count, place + Int.random(in: 1...40, using: &random)))
                case 2: text.insert(contentsOf: (pieces.randomElement(using: &random) ?? "x").utf8, at: place)
                case 3: text.removeSubrange(place...)
                default:
                    let end = min(text.count, place + Int.random(in: 1...200, using: &random))
                    let target = Int.random(in: 0...text.count, using: &random)
                    text.insert(contentsOf: Array(text[place..<end]), at: target)
                }
                if text.isEmpty { text = [10] }
            }
            let result = FrontEnd.parse(
                bytes: text, name: "test.cfg",
                options: FrontEndOptions(files: .memory(["test.cfg": Self.sample]), collectsResolvedText: true)
            )
            if result.diagnostics.hasErrors {
                invalid += 1
                #expect(!result.renderedDiagnostics().isEmpty)
            }
        }
        #expect(invalid > 1000)
    }

    @Test func `a file cut off anywhere is read to its end`() {
        let original = Array(Self.sample.utf8)
        for length in stride(from: 0, to: original.count, by: 7) {
            let text = Array(original[..<length])
            let result = FrontEnd.parse(bytes: text, name: "t", options: .init(files: .memory([:])))
            #expect(result.sources.sources.first?.bytes.count == length)
        }
    }

    @Test func `random tokens are read to their end`() {
        var random = SeededGenerator(seed: 7)
        let words = [
            "if", "else", "while", "switch", "case", "default", ":", "(", ")", "{", "}", ";", "=", "==", "$x", "1",
            "\"s\"", "!", "-", "+", "&&", "uri", "myself", "src_ip", "1.2.3.4", "route", "[", "]", "A", "exit", ",",
            "defined", "(int)", "@a.b", "/", "return", "listen", "modparam", "request_route", "\n", "%", "?", "::1",
        ]
        for _ in 0..<2000 {
            let count = Int.random(in: 1...80, using: &random)
            let text = (0..<count).map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: " ")
            let result = Reading.file("request_route {\n" + text + "\n}\n" + text)
            #expect(!result.sources.sources.isEmpty)
        }
    }

    @Test func `a large file of one line is read in linear time`() {
        let text = "request_route {" + String(repeating: "$var(x)=1;", count: 20_000) + "}"
        #expect(Reading.file(text).diagnostics.isEmpty)
    }

    /// The file that Kamailio installs, where it is installed.
    static let stockPath = "/etc/kamailio/kamailio.cfg"
    static let stock: [UInt8]? = try? FileAccess.system.read(stockPath)

    @Test(.enabled(if: stock != nil)) func `the installed stock file has no findings, with any feature`() {
        let bytes = Self.stock ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        var features: Set<String> = []
        for line in text.split(separator: "\n") where line.hasPrefix("#!ifdef WITH_") {
            features.insert(String(line.dropFirst("#!ifdef ".count)))
        }
        #expect(features.count > 10)
        let sets = [[], features.sorted()] + features.sorted().map { [$0, "WITH_MYSQL"] }
        for defines in sets {
            let names = Array(Set(defines)).sorted()
            let result = FrontEnd.parse(
                bytes: bytes, name: Self.stockPath, options: .init(defines: names, files: .memory([:]))
            )
            #expect(result.renderedDiagnostics() == "", "\(names)")
            #expect(result.configuration.statements.count > 50)
        }
    }

    @Test(.enabled(if: stock != nil)) func `changes of the stock file do not make the front end trap or hang`() {
        var random = SeededGenerator(seed: 99)
        let original = Self.stock ?? []
        for _ in 0..<300 {
            var text = original
            for _ in 0..<20 {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = UInt8.random(in: 0...127, using: &random)
                case 1: text.remove(at: place)
                default: text.insert("\"'{}()$#!/*;\\".utf8.randomElement(using: &random) ?? 34, at: place)
                }
            }
            let result = FrontEnd.parse(bytes: text, name: "k", options: .init(files: .memory([:])))
            #expect(result.sources.sources.first?.bytes.count == text.count)
        }
    }
}
