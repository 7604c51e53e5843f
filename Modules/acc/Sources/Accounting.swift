import Bytes
import ModuleKit
import SIPMessage
import tm

/// The `acc` module: writes a log line for each transaction that the script marked.
///
/// Transactions tell it of their replies; `Accounting+Events.swift` decides what is worth a line,
/// `AccountingLine.swift` writes it.
public final class Accounting: ServerModule {
    public static let name = "acc"
    public static let summary = "Accounting: a log line for each answered transaction and each missed call."

    let settings: Settings
    let logger: Logger
    /// `log_extra`, compiled.
    let extras: [AccountingExtra]
    let clock: AccountingClock

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.logger = host.logger
        self.extras = try AccountingExtra.list(settings.logExtra, compiler: host.compiler)
        self.clock = AccountingClock(settings)
        try host.module(Transactions.self).add(self)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        if self.settings.reportsAck {
            hooks.routeEnded = { [unowned self] route, _ in self.acknowledged(route) }
        }
        return hooks
    }

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "acc_log_request",
                Argument("comment", .format, "Reason of the line; may begin with a status code: `404 Not Found`."),
                in: .any, summary: "Writes an accounting line for the present request.",
                example: #"acc_log_request("404 Not Found");"#,
                body: { [unowned self] route, arguments in
                    let comment = arguments.text(0, in: route)
                    guard !comment.isEmpty else { return .failure }
                    let (code, reason) = Self.split(comment)
                    let message = route.message
                    let line = self.line(
                        "request accounted", code: code, toTag: message.text(message.to.tag),
                        reason: reason, for: route)
                    self.write(line, prefix: route.program.logPrefix(for: route))
                    return .success
                }
            )
        ] + ScriptFunction.notYet("acc_db_request", "acc_request", "acc_rad_request", "acc_diam_request")
    }

    /// Takes the code off `404 Not Found`; nil and the whole comment where it does not begin with one.
    static func split(_ comment: ByteString) -> (Int?, ByteString) {
        let span = comment.span
        guard span.count >= 3, span[0].isDigit, span[1].isDigit, span[2].isDigit,
            span.count == 3 || span[3] == UInt8(ascii: " "),
            let code = Value.integer(span, ByteRange(0, 3)), code >= 100
        else { return (nil, comment) }
        var start = 3
        while start < span.count, span[start] == UInt8(ascii: " ") { start += 1 }
        return (code, ByteString(span, ByteRange(start, span.count)))
    }
}
