import Bytes
import ModuleKit
import SIPMessage
import StandardModules
import Testing

@testable import ApusServer
@testable import Simulation

/// A server with a script of its own, phones around it, and a clock that is moved by hand.
///
/// Phones are named `one`, `two`, …; a request carries their addresses in `X-1`, `X-2`, … for the script.
final class TransactionScene {
    let stage: Stage
    let recorder = SceneRecorder()
    let alice: Phone
    let phones: [Phone]

    /// - Parameters:
    ///   - script: the body of `request_route` behind the handling of ACK and CANCEL, then further routes after a `}`.
    ///   - settings: lines before it.
    ///   - onCancel: what it does with CANCEL.
    init(
        _ script: String, settings: String = "", phones count: Int = 3,
        onCancel: String = "if (t_check_trans()) { t_relay(); }"
    ) throws {
        let modules = [
            "sl", "tm", "tmx", "pv", "textops", "textopsx", "siputils", "kex", "corex", "xlog", "cfg_rpc", "cfgutils",
        ]
        var text = modules.map { "loadmodule \"\($0).so\"\n" }.joined()
        text += settings + "\n"
        text += """
            request_route {
                if (is_method("CANCEL")) { \(onCancel) exit; }
                if (is_method("ACK")) { if (t_check_trans()) { t_relay(); } exit; }
                t_check_trans();
            \(script)

            """
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        setup.text = ("test.cfg", text)
        setup.wallSeconds = 1_767_268_800
        self.stage = try Stage(setup, listener: self.recorder)
        self.alice = self.stage.phone("alice")
        self.phones = ["one", "two", "three", "four", "five"].prefix(count).map { [stage] in stage.phone($0) }
        for phone in self.phones { phone.answers = [] }
    }

    /// Alice sends a request for the script to send on.
    @discardableResult
    func send(_ method: String = "INVITE", case name: String = "", _ headers: [(String, String)] = []) -> PlainMessage {
        var request = self.alice.request(method, "sip:service@127.0.0.1")
        for (index, phone) in self.phones.enumerated() {
            request.fields.append(.init("X-\(index + 1)", "sip:\(phone.name)@\(phone.address)"))
        }
        request.fields.append(.init("X-Case", name))
        for (name, value) in headers { request.fields.append(.init(name, value)) }
        self.stage.send(request, from: self.alice)
        return request
    }

    /// A phone answers what it has open.
    func reply(_ number: Int, _ status: Int, _ reason: String? = nil, _ headers: [(String, String)] = []) throws {
        let phone = self.phones[number - 1]
        let pending = try #require(phone.open())
        var message = phone.reply(to: pending, status, reason)
        for (name, value) in headers { message.fields.append(.init(name, value)) }
        phone.noteReply(message, to: pending)
        self.stage.send(message, from: phone, to: pending.socket)
    }

    func cancel(_ headers: [(String, String)] = []) throws {
        var cancel = try #require(self.alice.followUp("CANCEL"))
        for (name, value) in headers { cancel.fields.append(.init(name, value)) }
        self.stage.send(cancel, from: self.alice)
    }

    func wait(milliseconds: Int) { self.stage.advance(by: .milliseconds(milliseconds)) }

    /// First lines of what was sent since the last look, `100` left out: `INVITE to one`, `486 to alice`.
    func seen(repeats: Bool = false) -> [String] {
        defer { self.recorder.sent = [] }
        return self.recorder.sent.compactMap { sent in
            if sent.isRepeat && !repeats || sent.message.status == 100 { return nil }
            let line = sent.message.isReply ? "\(sent.message.status)" : sent.message.method
            return "\(line) to \(sent.phone ?? "\(sent.destination.address)")"
        }
    }

    /// The last message that somebody got.
    func last(_ name: String, _ method: String? = nil) -> PlainMessage? {
        self.recorder.all.last { $0.phone == name && (method == nil || $0.message.method == method) }?.message
    }

    func rpc(_ command: String, _ parameters: RPCValue...) throws -> [RPCValue] {
        try self.stage.server.call(command, parameters)
    }
}

final class SceneRecorder: StageListener {
    var sent: [StageEvent.Departed] = []
    var all: [StageEvent.Departed] = []
    var log: [String] = []

    func note(_ event: StageEvent, at time: Interval) {
        if case .sent(let sent) = event {
            self.sent.append(sent)
            self.all.append(sent)
        }
        if case .log(_, _, let text) = event { self.log.append(text) }
    }

    func inspect(_ context: RouteContext, after end: StageEvent.ScriptEnd) {}
}
