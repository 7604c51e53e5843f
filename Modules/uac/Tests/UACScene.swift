import Bytes
import ModuleKit
import SIPMessage
import StandardModules

@testable import ApusServer
@testable import Simulation

/// A simulated server that runs a script with uac loaded, phones around it, and all that it sent; repetitions left out.
final class UACScene {
    let stage: Stage
    private let ear = Ear()

    /// Keeps what happens.
    private final class Ear: StageListener {
        var messages: [(message: PlainMessage, phone: String?)] = []
        var log: [String] = []

        func note(_ event: StageEvent, at time: Interval) {
            switch event {
            case .sent(let sent) where !sent.isRepeat: self.messages.append((sent.message, sent.phone))
            case .log(_, _, let text): self.log.append("\(text)")
            default: break
            }
        }
    }

    /// - Parameters:
    ///   - parameters: `modparam` lines.
    ///   - script: routes.
    ///   - phones: in the order of their addresses, from 192.0.2.1 on.
    convenience init(_ parameters: String = "", _ script: String, phones: [String] = ["bob", "alice"]) throws {
        try self.init(
            example: """
                loadmodule "sl.so"
                loadmodule "tm.so"
                loadmodule "tmx.so"
                loadmodule "rr.so"
                loadmodule "pv.so"
                loadmodule "kex.so"
                loadmodule "xlog.so"
                loadmodule "textops.so"
                loadmodule "siputils.so"
                loadmodule "uac.so"
                \(parameters)
                \(script)
                """, phones: phones)
    }

    /// - Parameter example: a whole configuration.
    init(example: String, phones: [String] = ["bob", "alice"]) throws {
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        setup.wallSeconds = 1_767_268_800
        setup.text = ("test.cfg", example)
        self.stage = try Stage(setup, listener: self.ear)
        for phone in phones { _ = self.stage.phone(phone) }
    }

    var messages: [PlainMessage] { self.ear.messages.map(\.message) }
    var last: PlainMessage? { self.ear.messages.last?.message }
    var log: [String] { self.ear.log }
    func logs(_ text: String) -> Bool { self.ear.log.contains { $0.contains(text) } }
    func clear() { self.ear.messages = [] }

    /// What the server sent, with the phone that got it: `INVITE to bob`, `200 to alice`.
    var sent: [String] {
        self.ear.messages.map { message, phone in
            "\(message.isReply ? "\(message.status)" : message.method) to \(phone ?? "?")"
        }
    }

    /// The last message that the server sent to a phone.
    func got(_ phone: String) -> PlainMessage? { self.ear.messages.last { $0.phone == phone }?.message }

    @discardableResult
    func request(_ method: String, _ fields: [(String, String)]) -> PlainMessage {
        self.request(method, "sip:x@127.0.0.1", from: "alice", fields)
    }

    /// Has a phone send a request.
    @discardableResult
    func request(
        _ method: String, _ uri: String = "sip:x@127.0.0.1", from name: String = "alice",
        _ fields: [(String, String)] = [], body: String = ""
    ) -> PlainMessage {
        let phone = self.stage.phone(name)
        var message = phone.request(method, uri)
        for (field, value) in fields { message.set(field, value) }
        message.body = body
        self.stage.send(message, from: phone)
        return message
    }

    /// Has a phone send a request of the dialog.
    func followUp(_ method: String, from name: String) {
        let phone = self.stage.phone(name)
        guard let message = phone.followUp(method) else { return }
        self.stage.send(message, from: phone)
    }

    /// Has a phone answer its last open request.
    func answer(_ name: String, _ status: Int, _ fields: [(String, String)] = []) {
        let phone = self.stage.phone(name)
        guard let open = phone.openRequest() else { return }
        var reply = phone.reply(to: open, status)
        for (field, value) in fields { reply.set(field, value) }
        self.stage.reply(reply, to: open, from: phone)
        self.stage.advance(by: .zero)
    }

    /// Calls a command.
    /// - Returns: its answer, or the code of a fault.
    @discardableResult
    func call(_ name: String, _ texts: String...) -> (values: [RPCValue], fault: Int?) {
        let answer = self.stage.server.begin(name, texts.map { .string($0) })
        self.stage.advance(by: .zero)
        switch answer.outcome {
        case nil: return ([], nil)
        case .success(let values): return (values, nil)
        case .failure(let fault): return ([], fault.code)
        }
    }
}

extension RPCValue {
    /// A member of a structure.
    subscript(_ name: String) -> RPCValue? {
        guard case .structure(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}
