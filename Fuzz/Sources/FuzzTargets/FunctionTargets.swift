import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import uac

/// What scripts ask of messages: functions, variables and transformations, one program for all runs.
enum FunctionTargets {
    private static let program = Lock(FunctionProgram?.none)
    /// Then bindings and other state that was gathered go, with their program.
    private static let runs = 5000

    static func run(_ bytes: [UInt8]) {
        // What workers drop reaches no script.
        guard let message = Message(bytes.span), message.kind == .http || message.unusableField == nil else { return }
        self.run(message)
    }

    private static func run(_ message: Message) {
        self.program.withLock { held in
            if held == nil || held?.runs == self.runs {
                held?.end()
                held = FunctionProgram()
            }
            held?.run(message)
        }
    }

    private static let types = [
        "application/sdp", "multipart/mixed;boundary=b", "multipart/mixed; boundary=\"b c\"", "multipart/x;boundary=-",
        "message/sipfrag", "application/dtmf-relay",
    ]

    /// The body of an INVITE.
    static func readBody(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let type = self.types[Int(first) % self.types.count]
        let head =
            "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
            + "Call-ID: 1\r\nCSeq: 1 INVITE\r\nContact: <sip:a@b>\r\nContent-Type: \(type)\r\n"
            + "Content-Length: \(bytes.count - 1)\r\n\r\n"
        self.run(Array(head.utf8) + bytes.dropFirst())
    }

    /// The bytes as credentials of a REGISTER, and as a challenge.
    static func readDigest(_ bytes: [UInt8]) {
        _ = DigestChallenge(ByteString(bytes))
        let start = "REGISTER sip:b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
        let end =
            "\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\nContact: <sip:a@b>\r\nContent-Length: 0\r\n\r\n"
        let names = ["Authorization: ", "\r\nProxy-Authorization: ", "\r\nWWW-Authenticate: "]
        self.run(Array(start.utf8) + names.flatMap { Array($0.utf8) + bytes } + Array(end.utf8))
    }
}

/// The script that `FunctionScript` makes, and how often it ran.
final class FunctionProgram: @unchecked Sendable {  // used under the lock of FunctionTargets
    private let analysis: ScriptAnalysis
    private let fuzzRun: FuzzRun?
    private(set) var runs = 0

    init() {
        var options = ScriptTargets.options(fuel: 100_000)
        options.keepsProgram = true
        self.analysis = ScriptAnalysis.of(
            bytes: Array(FunctionScript.text.utf8), name: "functions.cfg", options: options)
        self.fuzzRun = self.analysis.program.map { FuzzRun($0) }
        claim(self.fuzzRun != nil, "the script of the functions cannot be loaded")
    }

    func run(_ message: Message) {
        self.runs += 1
        self.fuzzRun?.run(message)
    }

    func end() { self.analysis.host?.detach() }

    static func failures() -> [String] {
        let analysis = ScriptAnalysis.of(
            bytes: Array(FunctionScript.text.utf8), name: "functions.cfg", options: ScriptTargets.options())
        guard analysis.diagnostics.hasErrors else { return [] }
        return [DiagnosticRenderer(sources: analysis.parsed.sources).render(analysis.diagnostics)]
    }
}
