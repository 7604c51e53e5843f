import Bytes
import ModuleKit
import RouteScript

/// Commands that come over the control socket, with whatever arguments.
enum CommandTargets {
    private static let held = Lock(Held())
    private static let runs = 500

    private struct Held {
        var server: FuzzServer?
        var commands: [String] = []
        var runs = 0
    }

    /// They end the process, or take a program of their own.
    static let left: Set<String> = ["core.kill", "core.shutdown", "apus.reload"]

    /// Lines: a command by its name, or the first byte chooses it; tabs divide it from its arguments, of which the first
    /// letter is the type (`[` begins and `]` ends a list).
    static func run(_ bytes: [UInt8]) {
        self.held.withLock { held in
            held.runs += 1
            if held.runs % self.runs == 0 { held.server = nil }
            let server = held.server ?? self.made()
            held.server = server
            if held.commands.isEmpty { held.commands = self.commands(of: server) }
            for line in bytes.split(separator: 10).prefix(16) {
                let words = line.split(separator: 9, omittingEmptySubsequences: false)
                guard let first = words.first, let choice = first.first else { continue }
                let name = String(decoding: first, as: UTF8.self)
                let command =
                    held.commands.contains(name) ? name : held.commands[Int(choice) % held.commands.count]
                var rest = words.dropFirst()
                _ = server.server.begin(command, self.values(&rest, 0))
                server.advance(.milliseconds(Int(choice)))
            }
        }
    }

    private static func made() -> FuzzServer {
        FuzzDatabase.hold([])
        let server = FuzzServer(
            "commands.cfg", CallScript.text + CommandScript.text, modules: [ModuleType(FuzzDatabase.self)])
        let register = """
            REGISTER sip:example.org SIP/2.0\r
            Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK7\r
            From: <sip:ann@example.org>;tag=1\r
            To: <sip:ann@example.org>\r
            Call-ID: 7\r
            CSeq: 1 REGISTER\r
            Contact: <sip:ann@192.0.2.1>\r
            Content-Length: 0\r
            \r

            """
        server.receive(Array(register.utf8), from: 0)
        return server
    }

    private static func commands(of server: FuzzServer) -> [String] {
        let listed = (try? server.server.call("system.listMethods", [])) ?? []
        let names = listed.flatMap { value -> [String] in
            switch value {
            case .text(let text): [text.string]
            case .array(let values): values.compactMap { if case .text(let text) = $0 { text.string } else { nil } }
            default: []
            }
        }
        let usable = names.filter { !self.left.contains($0) }.sorted()
        claim(usable.count > 100, "only \(usable.count) commands")
        return usable
    }

    private static func values(_ words: inout ArraySlice<ArraySlice<UInt8>>, _ depth: Int) -> [RPCValue] {
        var values: [RPCValue] = []
        while let word = words.popFirst() {
            let text = ByteString(Array(word.dropFirst()))
            switch word.first {
            case UInt8(ascii: "["):
                if depth < 20 { values.append(.array(self.values(&words, depth + 1))) }
            case UInt8(ascii: "{"):
                let members = depth < 20 ? self.values(&words, depth + 1) : []
                values.append(.structure(members.map { RPCValue.Member(text.string, $0) }))
            case UInt8(ascii: "]"): return values
            case UInt8(ascii: "i"): values.append(.int(Int(text.string) ?? .min))
            case UInt8(ascii: "d"): values.append(.double(Double(text.string) ?? .nan))
            case UInt8(ascii: "n"): values.append(.null)
            default: values.append(.text(text))
            }
        }
        return values
    }
}

/// What `CommandTargets` loads beside the script of the calls.
enum CommandScript {
    static let text = """

        loadmodule "cfgutils.so"
        loadmodule "cfg_rpc.so"
        loadmodule "dialplan.so"
        loadmodule "domain.so"
        loadmodule "permissions.so"
        loadmodule "mqueue.so"
        loadmodule "statistics.so"
        loadmodule "debugger.so"
        loadmodule "auth_db.so"
        modparam("dialplan|domain|permissions|auth_db", "db_url", "fuzz://a/b")
        modparam("mqueue", "mqueue", "name=q")
        modparam("pv", "shvset", "a=i:1")
        g.number = 5 desc "a number"
        g.text = "x" desc "a text"
        """
}
