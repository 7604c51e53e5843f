import RouteScript

/// What a running process cannot change about itself: these keep the values of the start, and whoever changes them in
/// the file is told so.
struct FixedSettings {
    /// A parameter that the file has changed.
    struct Difference: Equatable, Sendable {
        var name: String
        /// What the server goes on with, and what the file says now; empty for nothing.
        var running: String
        var wanted: String

        var text: String {
            func shown(_ value: String) -> String { value.isEmpty ? "nothing" : value }
            return "\(self.name) needs a restart: it is \(shown(self.running)), the file now says \(shown(self.wanted))"
        }
    }

    /// - Parameter running: of the server's start, not of the last reload.
    static func differences(_ running: Startup, _ wanted: Startup) -> [Difference] {
        zip(Self.values(running), Self.values(wanted)).compactMap { before, after in
            before.value == after.value
                ? nil : Difference(name: before.name, running: before.value, wanted: after.value)
        }
    }

    private static func values(_ startup: Startup) -> [(name: String, value: String)] {
        let limits = startup.limits
        func text(_ number: Int?) -> String { number.map(String.init) ?? "" }
        return [
            ("user", startup.user ?? ""), ("group", startup.group ?? ""),
            ("workdir", startup.workingDirectory ?? ""), ("chroot", startup.chroot ?? ""),
            ("rundir", startup.runDirectory), ("fork", startup.goesToBackground ? "yes" : "no"),
            ("open_files_limit", text(startup.settings.openFilesLimit)),
            // What counts is the number of threads, which is less than what is asked for where processors are few.
            ("children", String(limits.datagramWorkers)), ("tcp_children", String(limits.eventWorkers)),
            ("maxbuffer", String(limits.datagram.receiveBuffer)),
            ("ipv6_hex_style", "\(startup.settings.input.ipv6Style)"),
            ("tos", String(startup.settings.typeOfService)),
            ("udp_spread", String(limits.datagram.spread.rawValue)),
            ("udp_busy_poll", String(limits.datagram.busyPoll)),
            ("pin_workers", limits.pinsWorkers ? "yes" : "no"),
        ]
    }
}
