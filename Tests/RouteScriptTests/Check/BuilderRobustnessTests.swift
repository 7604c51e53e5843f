import Foundation
import Testing

@testable import RouteScript

@Suite("Load, check and compile: any text")
struct BuilderRobustnessTests {
    private struct Mixer {
        var state: UInt64
        mutating func next(_ limit: Int) -> Int {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var z = self.state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((z ^ (z >> 31)) % UInt64(max(limit, 1)))
        }
    }

    static let pieces = [
        "$", "$(", ")", "{", "}", "[", "]", "(", ";", "\"", "'", "=", "==", "=~", " $null", "$rc", "$(avp(x)[*])",
        "{s.len}", "{s.", "[$var(i)]",
        "route(R);", "break;", "return 0;", "exit;", "drop;", "while (1) ", "if (result(-1)) ", "switch ($rm) { ",
        "case 1: ", "case /\"(\": ", "default: ",
        "probe(\"$(rm{s.rev})\");", "suspend_once();", "run(\"B\");", "setflag(99);", "isflagset(A)", "0", "-1",
        "9223372036854775807", "mod", "<<",
        "(int)", "(str)", "defined ", "selval(1,2,3)", "strlen(\"\")", "src_ip == ", "uri == myself",
        "modparam(\"probe\", \"number\", 1)",
        "loadmodule \"core\"\n", "event_route[a:b] { exit; }\n", "$avp($var(x))", "{ result(1); }", "@cfg_get.a.b",
        "\u{0}", "é",
    ]

    /// Every file of the script folder, changed at random places with a fixed seed, is loaded and, should it still be
    /// valid, run. Nothing of that may trap or take long.
    @Test func `no change of a valid file makes the builder or the machine trap`() throws {
        var mixer = Mixer(state: 7)
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.scripts.path)
        let texts = try names.filter { $0.hasSuffix(".cfg") }.sorted().map {
            Self.forProbes(try String(contentsOf: Self.scripts.appending(path: $0), encoding: .utf8))
        }
        var valid = 0
        var refused = 0
        while valid + refused < 2000 {
            var bytes = texts[mixer.next(texts.count)]
            for _ in 0...mixer.next(3) {
                let place = mixer.next(bytes.count)
                switch mixer.next(4) {
                case 0: bytes.removeSubrange(place..<min(place + 1 + mixer.next(8), bytes.count))
                case 1: bytes.insert(contentsOf: Array(Self.pieces[mixer.next(Self.pieces.count)].utf8), at: place)
                case 2:
                    let other = texts[mixer.next(texts.count)]
                    let from = mixer.next(other.count)
                    bytes.insert(contentsOf: other[from..<min(from + mixer.next(40), other.count)], at: place)
                default: if place < bytes.count { bytes[place] = UInt8(mixer.next(256)) }
                }
            }
            do {
                try ScriptRun(String(decoding: bytes, as: UTF8.self), head: "", fuel: 20_000).run()
                valid += 1
            } catch is ScriptRun.Refused {
                refused += 1
            }
        }
        #expect(valid > 20 && refused > 20)
    }

    /// The text of a script with the functions and variables of the tests' own modules.
    private static func forProbes(_ text: String) -> [UInt8] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("loadmodule") }
        lines.insert("loadmodule \"probe.so\"", at: 0)
        let replaced = lines.joined(separator: "\n").replacingOccurrences(of: "xlog(", with: "probe(")
        return Array(replaced.replacingOccurrences(of: "is_method(\"ACK\")", with: "result(-1)").utf8)
    }

    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Scripts").standardized

    @Test func `no change of the stock configuration makes the builder trap`() throws {
        let file = Self.scripts.appending(path: "../../Conformance/stock.cfg").standardized
        guard let stock = try? String(contentsOf: file, encoding: .utf8) else { return }
        var mixer = Mixer(state: 11)
        let original = Array(stock.utf8)
        for _ in 0..<100 {
            var bytes = original
            for _ in 0..<8 {
                let place = mixer.next(bytes.count)
                bytes.insert(contentsOf: Array(Self.pieces[mixer.next(Self.pieces.count)].utf8), at: place)
                bytes.removeSubrange(place..<min(place + mixer.next(6), bytes.count))
            }
            #expect(!findings(String(decoding: bytes, as: UTF8.self)).isEmpty)
        }
    }

    @Test func `long chains of operators and branches compile`() throws {
        // The parser takes no longer ones.
        let count = 900
        let sum = Array(repeating: "$var(one)", count: count).joined(separator: " + ")
        let chain = (0..<count).map { "if ($var(one) == \($0 + 2)) probe(\"\($0)\");" }.joined(separator: " else ")
        let script = try ScriptRun(
            "request_route { $var(one) = 1; $var(r) = \(sum); probe(\"$var(r)\"); \(chain) else probe(\"end\"); }")
        script.run()
        #expect(script.trace == ["\(count)", "end"])
    }
}
