import Bytes
import ModuleKit

/// The time of a message: read once, when a script first asks.
private final class MessageTime {
    let microseconds = WallClock.microseconds()
}

extension RouteContext {
    fileprivate var wallMicroseconds: Int {
        if let known = self.state(MessageTime.self) { return known.microseconds }
        let time = MessageTime()
        self.setState(time)
        return time.microseconds
    }
}

extension PseudoVariables {
    /// The clock.
    var timeVariables: [ScriptVariable] {
        let start = self.host.startTime
        return [
            ScriptVariable("Ts", summary: "Seconds since 1970, the same for the whole message.") {
                .int($0.wallMicroseconds / 1_000_000)
            },
            ScriptVariable("TS", summary: "Seconds since 1970, now.") { _ in .int(WallClock.seconds()) },
            ScriptVariable("Tf", summary: "Date and time of the message: Tue Nov 24 07:05:09 2026.") { route in
                .text(CalendarTime(seconds: route.wallMicroseconds / 1_000_000).ctime)
            },
            ScriptVariable("TF", summary: "Date and time, now.") { _ in
                .text(CalendarTime(seconds: WallClock.seconds()).ctime)
            },
            ScriptVariable("Tb", summary: "Start of the server in seconds since 1970.") { _ in .int(start) },
            ScriptVariable(
                "TV", inner: .required,
                summary:
                    "Seconds (s) and microseconds (u) of the message, (sn) and (un) of now, (Sn) now as "
                    + "seconds.microseconds, (Sm) the same of the monotonic clock."
            ) { name, _ in
                guard case .literal(let key) = name else { throw ArgumentError("$TV takes a fixed name") }
                switch key {
                case "s": return VariableAccess { route, _ in .int(route.wallMicroseconds / 1_000_000) }
                case "u": return VariableAccess { route, _ in .int(route.wallMicroseconds % 1_000_000) }
                case "sn": return VariableAccess { _, _ in .int(WallClock.microseconds() / 1_000_000) }
                case "un": return VariableAccess { _, _ in .int(WallClock.microseconds() % 1_000_000) }
                case "Sn": return VariableAccess { _, _ in Self.decimal(WallClock.microseconds()) }
                case "Sm": return VariableAccess { _, _ in Self.decimal(Int(Instant.now().milliseconds) * 1000) }
                default: throw ArgumentError("$TV has no key \(key.string)")
                }
            },
            Self.broken("time", isUTC: false),
            Self.broken("utime", isUTC: true),
            Self.formatted("timef", isUTC: false),
            Self.formatted("utimef", isUTC: true),
        ]
    }

    private static func decimal(_ microseconds: Int) -> Value {
        let buffer = ByteBuffer(capacity: 24)
        buffer.append(decimal: microseconds / 1_000_000)
        let digits = String(1_000_000 + microseconds % 1_000_000).dropFirst()
        buffer.append(".\(digits)")
        return .bytes(ByteString(buffer.span))
    }

    private static func broken(_ name: String, isUTC: Bool) -> ScriptVariable {
        ScriptVariable(
            name, inner: .required,
            summary:
                "A part of the \(isUTC ? "UTC" : "local") time: (sec) (min) (hour) (mday) (mon) 1 to 12, "
                + "(year), (wday) 1 is Sunday, (yday) 1 is 1 January, (isdst)."
        ) { inner, _ in
            guard case .literal(let key) = inner else { throw ArgumentError("$\(name) takes a fixed name") }
            let read: @Sendable (CalendarTime) -> Int
            switch key {
            case "sec": read = { $0.second }
            case "min": read = { $0.minute }
            case "hour": read = { $0.hour }
            case "mday": read = { $0.day }
            case "mon": read = { $0.month }
            case "year": read = { $0.year }
            case "wday": read = { $0.weekday + 1 }
            case "yday": read = { $0.yearDay + 1 }
            case "isdst": read = { $0.isDaylightSaving ? 1 : 0 }
            default: throw ArgumentError("$\(name) has no key \(key.string)")
            }
            return VariableAccess { route, _ in
                .int(read(CalendarTime(seconds: route.wallMicroseconds / 1_000_000, isUTC: isUTC)))
            }
        }
    }

    private static func formatted(_ name: String, isUTC: Bool) -> ScriptVariable {
        ScriptVariable(
            name, inner: .required, summary: "The \(isUTC ? "UTC" : "local") time as strftime(3) writes it."
        ) { inner, _ in
            VariableAccess { route, _ in
                let format = inner.resolve(in: route)
                return .bytes(TimeFormat.text(format, seconds: route.wallMicroseconds / 1_000_000, isUTC: isUTC))
            }
        }
    }
}
