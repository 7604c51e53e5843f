import Bytes
import ModuleKit
import SIPMessage
import StandardModules

@testable import ApusServer
@testable import Simulation

/// A simulated server with phones around it, and all that it sent.
final class LocalScene: StageListener {
    let stage: Stage
    private(set) var messages: [(message: PlainMessage, phone: String?, port: UInt16)] = []
    private(set) var log: [String] = []

    /// - Parameters:
    ///   - modules: parameters and further modules.
    ///   - script: routes.
    ///   - names: addresses of host names.
    init(
        _ modules: String = "", _ script: String = "request_route { exit; }", listen: [String] = [],
        names: [String: [String]] = [:]
    ) throws {
        var setup = VirtualSetup(moduleTypes: StandardModules.all)
        setup.text = (
            "test.cfg",
            """
            loadmodule "sl.so"
            loadmodule "tm.so"
            loadmodule "tmx.so"
            loadmodule "rr.so"
            loadmodule "pv.so"
            loadmodule "kex.so"
            loadmodule "xlog.so"
            loadmodule "textops.so"
            loadmodule "siputils.so"
            \(modules)
            \(script)
            """
        )
        setup.listen = listen
        self.ear = Ear()
        self.stage = try Stage(
            setup, names: names.mapValues { $0.compactMap { IPAddress($0) } }, listener: self.ear)
        self.ear.owner = self
    }

    private let ear: Ear

    /// Hears before the scene is whole.
    private final class Ear: StageListener {
        weak var owner: LocalScene?
        func note(_ event: StageEvent, at time: Interval) { self.owner?.note(event, at: time) }
    }

    func note(_ event: StageEvent, at time: Interval) {
        switch event {
        case .sent(let sent): self.messages.append((sent.message, sent.phone, sent.destination.address.port))
        case .log(_, _, let text): self.log.append(String(text))
        default: break
        }
    }

    func clear() { self.messages = [] }

    /// First lines of what the server sent, with the phone that got it.
    var sent: [String] {
        self.messages.map {
            "\($0.message.firstLine.split(separator: " ").prefix($0.message.isReply ? 2 : 1).last ?? "") to \($0.phone ?? "\($0.port)")"
        }
    }

    var last: PlainMessage? { self.messages.last?.message }

    /// Calls a command; nil as long as nothing is known.
    func call(_ name: String, _ texts: String...) -> RPCAnswer {
        let answer = self.stage.server.begin(name, texts.map { .string($0) })
        self.stage.advance(by: .zero)
        return answer
    }

    /// An INVITE or another request from outside, for `sip:USER@127.0.0.1`.
    func request(_ method: String = "OPTIONS", _ user: String, from name: String = "alice", body: String = "") {
        let phone = self.stage.phone(name)
        var message = phone.request(method, "sip:\(user)@127.0.0.1")
        message.body = body
        self.stage.send(message, from: phone)
    }

    /// Has a phone answer its last open request.
    func answer(_ name: String, _ status: Int, _ fields: [(String, String)] = []) {
        let phone = self.stage.phone(name)
        guard let open = phone.openRequest() else { return }
        var reply = phone.reply(to: open, status)
        for (field, value) in fields { reply.set(field, value) }
        self.stage.reply(reply, to: open, from: phone)
    }
}

extension RPCAnswer {
    /// `200 OK` of a request that waited; the text of a fault; `sent` of one that did not wait; nil so far.
    var text: String? {
        switch self.outcome {
        case nil: return nil
        case .success(let values):
            guard case .structure(let members)? = values.first, case .int(let code)? = members.first?.value,
                case .text(let reason)? = members.last?.value
            else { return "sent" }
            return "\(code) \(reason)"
        case .failure(let fault): return "\(fault.code) \(fault.text)"
        }
    }
}
