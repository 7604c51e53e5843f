import Bytes
import ModuleKit

/// `apus.suspended`: which scripts wait, since when, where and for what.
enum SuspensionCommands {
    /// More are counted, not listed, unless the caller asks for more.
    private static let standardLimit = 100
    private static let largestLimit = 10_000

    static func all(_ server: Server) -> [RPCCommand] {
        [
            RPCCommand(
                "apus.suspended",
                """
                Shows the scripts that wait, those that have waited longest first: for how long, in which function and \
                line, in which routes, and for which message. [limit], 100 unless given.
                """
            ) { [unowned server] request throws(RPCFault) in
                let limit = request.has(0) ? try request.int(0) : Self.standardLimit
                guard limit >= 0 else { throw RPCFault(400, "the limit is a number from 0 on") }
                let now = Instant.now()
                let entries = server.suspended.list.entries(limit: min(limit, Self.largestLimit))
                return [
                    .structure([
                        "count": .int(server.suspended.count),
                        "scripts": .array(entries.map { Self.answer($0, at: now) }),
                    ])
                ]
            }
        ]
    }

    private static func answer(_ entry: SuspensionList.Entry, at now: Instant) -> RPCValue {
        .structure([
            "milliseconds": .int(max(Int((now - entry.since).milliseconds), 0)),
            "function": .string(entry.place.function),
            "file": .string(entry.place.file),
            "line": .int(entry.place.line),
            "routes": .string(entry.place.routes.joined(separator: " > ")),
            "message": .string(entry.message),
            "callid": .text(entry.callID),
            "source": .string(entry.source),
        ])
    }
}
