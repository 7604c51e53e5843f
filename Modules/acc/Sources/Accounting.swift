import Bytes
import Database
import ModuleKit
import SIPMessage
import tm

/// The `acc` module: writes a log line or a row of a table for each transaction that the script marked.
///
/// Transactions tell it of their replies; `Accounting+Events.swift` decides what is worth a record, `Records` and `Rows`
/// write it.
public final class Accounting: ServerModule {
    public static let name = "acc"
    public static let summary = "Accounting: a log line or a row for each answered transaction and each missed call."

    let settings: Settings
    let logger: Logger
    /// `log_extra`, compiled.
    let extras: FixedTable<AccountingExtra>
    /// `db_extra`, compiled.
    let databaseExtras: FixedTable<AccountingExtra>
    /// `multi_leg_info`, compiled.
    let legParts: [AccountingLegPart]
    let answeredTable: FormatString
    let missedTable: FormatString
    let clock: AccountingClock
    private let database: Database?
    /// nil without `db_url`.
    let writer: RowWriter?

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.logger = host.logger
        let compiler = host.compiler
        self.extras = try AccountingExtra.table(
            settings.logExtra, "log_extra", limit: settings.extraLimit, compiler: compiler)
        self.databaseExtras = try AccountingExtra.table(
            settings.databaseExtra, "db_extra", limit: settings.extraLimit, compiler: compiler)
        self.legParts = try AccountingLegPart.list(settings.legInfo, compiler: compiler)
        self.answeredTable = try compiler.format(settings.answeredTable)
        self.missedTable = try compiler.format(settings.missedTable)
        self.database = settings.databaseURL.isEmpty ? nil : try Database(settings.databaseURL, host: host)
        self.writer = self.database.map { RowWriter($0, host: host) }
        self.clock = AccountingClock(settings)
        try host.module(Transactions.self).add(self)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        if self.settings.reportsAck {
            hooks.routeEnded = { [unowned self] route, _ in self.acknowledged(route) }
        }
        if let database = self.database, let writer = self.writer {
            hooks.started = { [unowned self] _ in try database.require(self.uses) }
            hooks.stopped = { _ in writer.finish() }
        }
        return hooks
    }

    private static let comment = Argument(
        "comment", .format, "Reason of the record; may begin with a status code: `404 Not Found`.")
    private static let table = Argument("table", .format, "Table for the row.")

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "acc_log_request", Self.comment, in: .any,
                summary: "Writes an accounting line for the present request.",
                example: #"acc_log_request("404 Not Found");"#
            ) { [unowned self] route, arguments in
                self.accountRequest(route, arguments.text(0, in: route), log: true, table: nil)
            },
            ScriptFunction(
                "acc_db_request", Self.comment, Self.table, in: .any,
                summary: "Writes an accounting row for the present request.",
                outcomes: [-1: "no comment, no table, or no db_url"],
                example: #"acc_db_request("404 Not Found", "acc");"#
            ) { [unowned self] route, arguments in
                self.accountRequest(
                    route, arguments.text(0, in: route), log: false, table: arguments.text(1, in: route))
            },
            ScriptFunction(
                "acc_request", Self.comment, Self.table, in: .any,
                summary: "Writes an accounting line and, with db_url, a row for the present request.",
                outcomes: [-1: "no comment, or no table"], example: #"acc_request("404 Not Found", "acc");"#
            ) { [unowned self] route, arguments in
                let table = self.writer == nil ? nil : arguments.text(1, in: route)
                return self.accountRequest(route, arguments.text(0, in: route), log: true, table: table)
            },
        ] + ScriptFunction.notYet("acc_rad_request", "acc_diam_request")
    }

    func accountRequest(
        _ route: RouteContext, _ comment: ByteString, log: Bool, table: ByteString?
    ) -> Outcome {
        guard !comment.isEmpty, table?.isEmpty != true else { return .failure }
        let (code, reason) = Self.split(comment)
        let message = route.message
        let record = self.record(
            "request accounted", code: code, toTag: message.text(message.to.tag), reason: reason, for: route)
        if log { self.write(self.line(record, for: route), prefix: route.program.logPrefix(for: route)) }
        guard let table else { return .success }
        guard let writer = self.writer else {
            route.log(.error, "acc: there is no db_url to write to")
            return .failure
        }
        writer.add(self.rows(record, into: table, for: route))
        return .success
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
