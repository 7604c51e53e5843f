/// Inputs that are long because one piece in them is repeated: what takes time by the square of a length shows here, and
/// hardly in inputs as short as those of a fuzzer.
public enum Growth {
    /// `count` bytes of `unit`, over and over, put into `input` at `place`. A `#` in the unit is the number of its turn, so
    /// that no two are the same.
    public static func input(_ input: [UInt8], _ unit: String, at place: Int, count: Int) -> [UInt8] {
        let pieces = unit.utf8.split(separator: UInt8(ascii: "#"), omittingEmptySubsequences: false).map { Array($0) }
        var filling: [UInt8] = []
        filling.reserveCapacity(count + 64)
        var turn = 0
        while filling.count < count {
            for (number, piece) in pieces.enumerated() {
                if number > 0 { filling += Array("\(turn)".utf8) }
                filling += piece
            }
            turn += 1
        }
        return Array(input[..<place]) + filling + Array(input[place...])
    }

    /// Where pieces are put into `input`: at its end, before and behind its marks and the beginnings of its lines, at most
    /// so many.
    public static func places(in input: [UInt8], most: Int) -> [Int] {
        let marks = Array("\n:;,<>\"=/@ ".utf8)
        var places = input.indices.filter { marks.contains(input[$0]) }.flatMap { [$0, $0 + 1] }
        places = Array(Set(places)).sorted()
        if places.count > most {
            let all = places
            places = (0..<most).map { all[$0 * all.count / most] }
        }
        return places + [input.count]
    }

    /// What is repeated.
    public static func units(for shape: FuzzTarget.Shape) -> [String] {
        let marks = [
            "a", "1", " ", "\t", "\n", "\r\n", "\r\n ", "\"", "\\", "<", ">", "(", ")", "[", "]", "{", "}", ",", ";",
            ":", "=",
            "&", "?", "@", "%", "$", "/", "*", "|", "-", ".", "\u{0}", "\u{1}", "é", "a,", "a;", "a b ", "a=b;",
            "a#=#;",
            "a#=#&", "#.", "%41", "\\\"", "\"a\",", "<a>,", "a\n", "a:b\n", "i#\n", "s#\ti#\n",
        ]
        switch shape {
        case .bytes: return marks + ["@t#\n", "\u{3}abc", "(a*)*", "(a|a)", "a{1,9}", "[a-", "[[:alpha:]]"]
        case .script:
            return marks + [
                "#!define A# B#\n", "if (1) {", "$var(x#)", "1+", "!", "\"a\" + ", "route(A); ", "/*", "*/",
                "#!ifdef A\n",
                "#!endif\n", "case 1: ", "modparam(\"a\", \"b\", 1)\n", "route[A#] { }\n", "{s.len}", "$(",
            ]
        case .message, .calls:
            return marks + [
                "Via: SIP/2.0/UDP a\r\n", "SIP/2.0/UDP a#;branch=z#,", "<sip:a#@b>,", "<sip:a@b;lr>,",
                "\"a\" <sip:a@b>,",
                "sip:a@b,", "X#: y\r\n", "X: y\r\n", "Contact: <sip:a#@b>\r\n", "Route: <sip:a#@b;lr>\r\n",
                "Record-Route: <sip:127.0.0.1;lr>\r\n", "Path: <sip:a#;lr>\r\n", "Supported: a#\r\n",
                "Authorization: Digest realm=\"#\"\r\n", "realm=\"#\",", "--b\r\n", "--b\r\n\r\n", "--b--\r\n",
                "--b\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n", "m=audio # RTP/AVP 0\r\n",
                "a=rtpmap:# PCMU/8000\r\n",
                "c=IN IP4 1.2.3.4\r\n", "# ", "a=candidate:# 1 UDP 1 1.2.3.4 1 typ host\r\n", ";x=\"", "?a#=#",
                "\u{1e}t ",
                "\u{1e}r0180 Ringing\r\n\r\n", "\u{1e}f0INVITE\r\n\r\n", "example", "INVITE", "192.",
                "+sip.instance=\"",
            ]
        }
    }
}
