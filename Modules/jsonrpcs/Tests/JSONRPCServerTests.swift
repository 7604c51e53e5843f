import Bytes
import ControlProtocol
import ModuleKit
import SIPTesting
import Testing
import core
import htable
import pv
import xhttp
import xlog

@testable import jsonrpcs

@Suite("jsonrpcs: requests and answers")
struct JSONRPCAnswerTests {
    private let bench: ModuleBench
    private let server: JSONRPCServer

    init() throws {
        self.bench = ModuleBench()
        _ = try self.bench.load(HashTables.self, [("htable", .text("t=>size=4;"))])
        _ = try self.bench.load(Counting.self)
        self.server = try self.bench.load(JSONRPCServer.self, [("pretty_format", .int(0))])
    }

    private func ask(_ document: String) throws -> String {
        let place = Lock("")
        try self.server.answer(Array(document.utf8)) { reply in place.withLock { $0 = reply.document.string } }
        return place.withLock { $0 }
    }

    private func call(_ method: String, _ parameters: String = "[]") throws -> String {
        try self.ask(#"{"jsonrpc":"2.0","method":"\#(method)","params":\#(parameters),"id":1}"#)
    }

    @Test func `one value is the result, several are a list, none is an empty object`() throws {
        #expect(try self.call("count", "[1]") == #"{"jsonrpc":"2.0","result":0,"id":1}"#)
        #expect(try self.call("count", "[2]") == #"{"jsonrpc":"2.0","result":[0,1],"id":1}"#)
        #expect(try self.call("count", "[0]") == #"{"jsonrpc":"2.0","result":{},"id":1}"#)
    }

    @Test func `a command that gives lists gives one however long it is`() throws {
        #expect(try self.call("list", "[1]") == #"{"jsonrpc":"2.0","result":[0],"id":1}"#)
        #expect(try self.call("list", "[0]") == #"{"jsonrpc":"2.0","result":[],"id":1}"#)
        #expect(try self.call("jsonrpc.echo", #"["a"]"#) == #"{"jsonrpc":"2.0","result":["a"],"id":1}"#)
        #expect(try self.call("jsonrpc.echo", #"[1, -5]"#) == #"{"jsonrpc":"2.0","result":["1",-5],"id":1}"#)
    }

    @Test func `a struct in which a name repeats is a list of objects, however many there are`() {
        let contact = RPCValue.structure(["Address": .string("sip:a")])
        let domains = RPCValue.structure([
            "Domains": .structure([
                "Domain": .structure(["AoRs": .structure(["Info": contact, "Info": contact]), "Stats": .structure([])])
            ])
        ])
        #expect(
            JSONWriter.text(.array(JSONShape.of([domains], command: "ul.dump"))).string
                == #"[{"Domains":[{"Domain":{"AoRs":[{"Info":{"Address":"sip:a"}},{"Info":{"Address":"sip:a"}}],"Stats":{}}}]}]"#
        )
        #expect(
            JSONShape.of([.structure(["Domains": .structure([])])], command: "ul.dump") == [
                .structure(["Domains": .array([])])
            ])
        let sockets = JSONShape.of([.structure(["socket": contact, "socket": contact])], command: "core.sockets_list")
        #expect(sockets == [.structure(["socket": contact]), .structure(["socket": contact])])
    }

    @Test func `the values of an object are the parameters, in order`() throws {
        let set = try self.call("htable.sets", #"{"z":"t","a":"key","m":"value"}"#)
        #expect(set == #"{"jsonrpc":"2.0","result":"Ok. Key set to new value.","id":1}"#)
        #expect(try self.call("htable.get", #"["t","key"]"#).contains(#""item":{"name":"key","value":"value""#))
    }

    @Test func `an unknown command, bad parameters and a refusal are errors`() throws {
        #expect(
            try self.call("no.such") == #"{"jsonrpc":"2.0","error":{"code":500,"message":"Method Not Found"},"id":1}"#)
        #expect(
            try self.call("count") == #"{"jsonrpc":"2.0","error":{"code":500,"message":"Invalid Parameters"},"id":1}"#)
        #expect(
            try self.call("count", "5")
                == #"{"jsonrpc":"2.0","error":{"code":500,"message":"Invalid Parameters"},"id":1}"#)
        #expect(
            try self.call("refuse") == #"{"jsonrpc":"2.0","error":{"code":404,"message":"not \"here\""},"id":1}"#)
    }

    @Test(arguments: [
        ("7", "7"), (#""a\"b""#, #""a\"b""#), ("1.5", "1.5"), ("-5", "-5"), ("1e2", "100"), ("null", "null"),
        ("true", "1"),
        ("12345678901", "12345678901"), ("[1]", "null"),
    ])
    func `the id comes back`(_ id: String, _ answered: String) throws {
        let answer = try self.ask(#"{"jsonrpc":"2.0","method":"count","params":[1],"id":\#(id)}"#)
        #expect(answer == #"{"jsonrpc":"2.0","result":0,"id":\#(answered)}"#)
    }

    @Test func `without an id the answer has none, and the command runs`() throws {
        #expect(try self.ask(#"{"jsonrpc":"2.0","method":"count","params":[1]}"#) == #"{"jsonrpc":"2.0","result":0}"#)
    }

    @Test func `names of members are read without regard to case, the first of several counts`() throws {
        #expect(
            try self.ask(#"{"ID":3,"Params":[1],"METHOD":"count","method":"refuse","JSONRPC":"2.0","id":4}"#)
                == #"{"jsonrpc":"2.0","result":0,"id":3}"#)
    }

    @Test(arguments: [
        ("[]", ""), (#"[{"jsonrpc":"2.0","method":"count","params":[1],"id":1}]"#, ""), ("5", ""), ("{}", ""),
        (#"{"jsonrpc":"1.0","method":"count","id":1}"#, #","id":1"#), (#"{"method":"count","id":1}"#, #","id":1"#),
        (#"{"jsonrpc":"2.0","id":"x"}"#, #","id":"x""#), (#"{"jsonrpc":"2.0","method":5,"id":1}"#, #","id":1"#),
        (#"{"jsonrpc":2.0,"method":"count","id":1}"#, #","id":1"#),
    ])
    func `what is no request has an empty result, and a line in the log`(_ document: String, _ id: String) throws {
        #expect(try self.ask(document) == #"{"jsonrpc":"2.0","result":{}\#(id)}"#)
        #expect(self.bench.log.contains { $0.contains("no request") })
    }

    @Test func `what is no JSON is not answered`() {
        for document in ["", "{", "garbage", #"{"jsonrpc":"2.0",]"#, #"["x",]"#] {
            #expect(throws: JSONError.self) { try self.ask(document) }
        }
    }

    @Test func `a command that answers later is answered then`() throws {
        let place = Lock<JSONRPCReply?>(nil)
        let request = Array(#"{"jsonrpc":"2.0","method":"later","id":9}"#.utf8)
        try self.server.answer(request) { reply in place.withLock { $0 = reply } }
        // The bench has nobody who waits: the command says so.
        #expect(place.withLock { $0?.document.string }?.hasSuffix(#","id":9}"#) == true)
    }

    @Test func `pretty answers have the line ends and tabs of Kamailio's`() throws {
        let server = try self.bench.load(JSONRPCServer.self)
        let place = Lock<JSONRPCReply?>(nil)
        func ask(_ method: String) throws -> String? {
            let request = #"{"jsonrpc":"2.0","method":"\#(method)","params":["t",2],"id":1}"#
            try server.answer(Array(request.utf8)) { reply in place.withLock { $0 = reply } }
            return place.withLock { $0?.document.string }
        }
        #expect(
            try ask("htable.listTables")?.hasPrefix(
                "{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"result\":\t[{\n\t\t\t\"name\":\t\"t\",\n") == true)
        #expect(
            try ask("no.such")
                == "{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"error\":\t{\n\t\t\"code\":\t500,\n\t\t\"message\":\t\"Method Not Found\"\n\t},\n\t\"id\":\t1\n}"
        )
        let empty = try ask("htable.flush")
        #expect(empty == "{\n\t\"jsonrpc\":\t\"2.0\",\n\t\"result\":\t\"Ok. Htable flushed.\",\n\t\"id\":\t1\n}")
    }
}

@Suite("jsonrpcs: scripts and settings")
struct JSONRPCScriptTests {
    private static let modules = [
        ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self), ModuleType(HashTables.self),
        ModuleType(JSONRPCServer.self), ModuleType(Counting.self),
    ]

    private func script(_ settings: String, _ body: String = "exit;") throws -> ScriptBench {
        try ScriptBench(
            """
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "htable.so"
            loadmodule "jsonrpcs.so"
            loadmodule "counting.so"
            modparam("htable", "htable", "t=>size=4;")
            \(settings)
            request_route {
            \(body)
            }
            """, Self.modules)
    }

    private func lines(_ body: String) throws -> [String] {
        let script = try self.script("modparam(\"jsonrpcs\", \"pretty_format\", 0)", body)
        try script.run()
        return script.texts
    }

    @Test func `a script runs commands and sees the answer`() throws {
        #expect(
            try self.lines(
                """
                xlog("[$jsonrpl(code)]");
                jsonrpc_exec('{"jsonrpc":"2.0","method":"htable.sets","params":["t","k","$rm"],"id":1}');
                xlog("$rc $jsonrpl(code) $jsonrpl(text) $jsonrpl(body)");
                xlog("$sht(t=>k)");
                """) == [
                    "[<null>]", #"1 200 OK {"jsonrpc":"2.0","result":"Ok. Key set to new value.","id":1}"#, "OPTIONS",
                ])
    }

    @Test func `an error has its code and text, and what is no JSON leaves the answer before it`() throws {
        #expect(
            try self.lines(
                """
                jsonrpc_exec('{"jsonrpc":"2.0","method":"refuse"}');
                xlog("$rc $jsonrpl(code) $jsonrpl(text)");
                jsonrpc_exec('{"jsonrpc":');
                xlog("$rc $jsonrpl(code)");
                """) == [#"1 404 not "here""#, "-1 404"])
    }

    @Test func `a script waits for a command that waits`() throws {
        #expect(
            try self.lines(
                """
                jsonrpc_exec('{"jsonrpc":"2.0","method":"reload","id":1}');
                xlog("$rc $jsonrpl(body)");
                """) == [#"1 {"jsonrpc":"2.0","result":{},"id":1}"#])
    }

    @Test func `bad addresses, owners and parts are refused where they stand`() {
        for settings in [
            #"modparam("jsonrpcs", "dgram_socket", "udp:127.0.0.1")"#,
            #"modparam("jsonrpcs", "tcp_socket", "udp:1:2")"#,
            #"modparam("jsonrpcs", "fifo_user", "nobody-of-that-name")"#, #"modparam("jsonrpcs", "transport", 8)"#,
            #"modparam("jsonrpcs", "transport", 16)"#,
        ] {
            #expect(throws: ScriptBench.Refused.self, "\(settings)") { try self.script(settings) }
        }
        #expect(throws: ScriptBench.Refused.self) { try self.script("", "xlog(\"$jsonrpl(other)\");") }
    }

    @Test func `transport says what is served, and 0 all that has a place`() throws {
        func names(_ transport: Int, _ more: [(String, ParameterValue)] = []) throws -> [String] {
            let bench = ModuleBench()
            try bench.load(HTTPRequests.self)
            let server = try bench.load(JSONRPCServer.self, [("transport", .int(transport))] + more)
            return server.listeners.map { "\($0.address)" }
        }
        let tcp: [(String, ParameterValue)] = [("tcp_socket", .text("tcp:127.0.0.1:2048"))]
        #expect(try names(1) == [])
        #expect(try names(2) == ["kamailio_rpc.fifo"])
        #expect(try names(4, [("dgram_socket", .text("udp:[::1]:2047"))]) == ["udp:[::1]:2047"])
        #expect(try names(6) == ["kamailio_rpc.fifo", "kamailio_rpc.sock"])
        #expect(try names(8, tcp) == ["tcp:127.0.0.1:2048"])
        #expect(try names(0) == ["kamailio_rpc.fifo", "kamailio_rpc.sock"])
        #expect(try names(0, tcp).count == 3)
        let listeners = try ModuleBench().load(JSONRPCServer.self).listeners
        #expect(listeners.map(\.mode) == [0o660, 0o660])
    }
}

/// Commands that answer in all the ways there are.
final class Counting: ServerModule {
    static let name = "counting"
    static let summary = "Counts."
    init(_ settings: NoSettings, host: any ModuleHost) throws {}

    private static func numbers(_ request: RPCRequest) throws(RPCFault) -> [RPCValue] {
        let count = try request.int(0)
        return (0..<max(count, 0)).map { .int($0) }
    }

    var commands: [RPCCommand] {
        [
            RPCCommand("count", "Counts.") { request throws(RPCFault) in try Self.numbers(request) },
            RPCCommand("list", returnsArray: true, "Counts.") { request throws(RPCFault) in try Self.numbers(request) },
            RPCCommand("refuse", "Refuses.") { _ throws(RPCFault) in throw RPCFault(404, "not \"here\"") },
            RPCCommand("reload", isReload: true, "Reloads nothing.") { _ throws(RPCFault) in [] },
            .waiting("later", "Answers at once.") { _, answer in answer.give([.int(5)]) },
        ]
    }
}
