import Bytes
import ModuleKit

/// What `timer` and `exec` lines say of one timer.
struct TimerDefinition: Sendable {
    var name: String
    var interval = Interval.seconds(120)
    /// `mode`: 0 shares the server's timer, N has N processes of its own.
    var processes = 0
    var routes: [ByteString] = []
}

extension RouteTimers {
    public struct Settings: Sendable {
        var timers: [TimerDefinition] = []
        /// Timers and the routes that they run, as the `exec` lines have them.
        var bindings: [(timer: String, route: ByteString)] = []
        /// Seconds, of timers that say nothing.
        var interval = 120
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "default_interval", .int, repeatable: true, default: "120",
                "Seconds between two turns of timers below that do not say it themselves."
            ) { settings, value in
                guard case .int(let seconds) = value, (1...86_400 * 365).contains(seconds) else {
                    throw ArgumentError("default_interval is a number of seconds, at least 1")
                }
                settings.interval = seconds
            },
            ModuleParameter(
                "timer", .text, repeatable: true,
                "Declares a timer: name=t;interval=N[u];mode=M, N in seconds or, with u, in microseconds."
            ) { settings, value in
                guard case .text(let line) = value else { return }
                try settings.declare(line)
            },
            ModuleParameter(
                "exec", .text, repeatable: true, "Has a timer run a route: timer=t;route=NAME; they run in this order."
            ) { settings, value in
                guard case .text(let line) = value else { return }
                try settings.bind(line)
            },
        ]
    }
}

extension RouteTimers.Settings {
    /// `a=b;c=d;`, blanks allowed.
    private static func attributes(_ line: ByteString, _ parameter: String) throws -> [(name: String, value: String)] {
        try line.string.split(separator: ";").compactMap { part in
            let text = part.filter { $0 != " " && $0 != "\t" }
            guard !text.isEmpty else { return nil }
            guard let equals = text.firstIndex(of: "=") else {
                throw ArgumentError("rtimer \(parameter): '\(text)' has no value")
            }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
    }

    mutating func declare(_ line: ByteString) throws {
        var timer = TimerDefinition(name: "", interval: .seconds(self.interval))
        for (name, value) in try Self.attributes(line, "timer") {
            switch name {
            case "name": timer.name = value
            case "interval":
                let isFine = value.hasSuffix("u")
                guard let number = Int(isFine ? String(value.dropLast()) : value), number > 0,
                    number <= Int(Int32.max)
                else { throw ArgumentError("rtimer timer: interval=\(value) is no time") }
                // A worker counts in milliseconds.
                timer.interval = isFine ? .milliseconds(max((number + 500) / 1000, 1)) : .seconds(number)
                if isFine { timer.processes = max(timer.processes, 1) }
            case "mode":
                guard let processes = Int(value), (0...64).contains(processes) else {
                    throw ArgumentError("rtimer timer: mode=\(value) is no number from 0 to 64")
                }
                timer.processes = max(processes, timer.processes)
            default: throw ArgumentError("rtimer timer: unknown attribute '\(name)': name, interval, mode")
            }
        }
        guard !timer.name.isEmpty else { throw ArgumentError("rtimer timer '\(line)': name=… is missing") }
        guard !self.timers.contains(where: { $0.name == timer.name }) else {
            throw ArgumentError("rtimer: timer '\(timer.name)' is declared twice")
        }
        self.timers.append(timer)
    }

    mutating func bind(_ line: ByteString) throws {
        var timer: String?
        var route: String?
        for (name, value) in try Self.attributes(line, "exec") {
            switch name {
            case "timer": timer = value
            case "route": route = value
            default: throw ArgumentError("rtimer exec: unknown attribute '\(name)': timer, route")
            }
        }
        guard let timer, let route, !route.isEmpty else {
            throw ArgumentError("rtimer exec '\(line)': timer=…;route=… is expected")
        }
        self.bindings.append((timer, ByteString(route)))
    }

    /// The timers with their routes.
    /// - Throws: `ArgumentError` for a line that names no timer.
    func bound() throws -> [TimerDefinition] {
        var timers = self.timers
        for (timer, route) in self.bindings {
            guard let index = timers.firstIndex(where: { $0.name == timer }) else {
                throw ArgumentError("rtimer exec: timer '\(timer)' is not declared")
            }
            timers[index].routes.append(route)
        }
        return timers
    }
}
