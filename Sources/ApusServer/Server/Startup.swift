import Bytes
import Glibc
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

/// What command line and configuration together ask for. The command line wins.
struct Startup {
    let options: CommandLineOptions
    let settings: ConfigurationSettings
    /// Nothing of this machine counts: neither its routes nor its addresses.
    var isSimulated = false

    var debug: Int { self.options.debugLevel ?? self.settings.debug }
    var logName: String { self.settings.logName ?? "apus" }
    /// nil: stay where the server was started; in the background that is the root, which nobody unmounts.
    var workingDirectory: String? {
        self.options.workingDirectory ?? self.settings.workingDirectory ?? (self.goesToBackground ? "/" : nil)
    }
    var runDirectory: String {
        if let directory = self.options.runDirectory { return directory }
        // Whoever only tries the server out need not be root.
        if self.options.configurationPath == nil, geteuid() != 0 {
            return SystemInput.environment("XDG_RUNTIME_DIR") ?? "/tmp/apus-\(geteuid())"
        }
        return self.settings.core.runDirectory
    }

    var core: CoreSettings {
        var core = self.settings.core
        core.runDirectory = self.runDirectory
        if let path = self.options.configurationPath, let slash = path.lastIndex(of: "/") {
            core.configurationDirectory = String(path[...slash])
        }
        if let id = self.options.serverID { core.serverID = id }
        if self.options.checksVia { core.checkVia = true }
        if let check = self.options.viaCheck { core.viaCheck = check }
        return core
    }

    /// `-D` and `-DD` stay in the foreground; so does everything that only looks at the configuration, and the
    /// built-in configuration, whose user sits at a terminal.
    var goesToBackground: Bool {
        if self.options.configurationPath == nil { return false }
        return self.options.foreground == 0 ? self.settings.isForking : self.options.foreground >= 3
    }

    /// - Parameter isTerminal: whether somebody reads standard error as it comes.
    func logTarget(isTerminal: Bool) -> LogTarget {
        let json = self.jsonLog
        guard self.options.logsToStandardError || self.settings.logsToStandardError else {
            return LogTarget(
                place: .syslog(facility: self.settings.logFacility), format: json.map { .json($0) } ?? .bare)
        }
        return LogTarget(
            place: .standardError, format: json.map { .json($0) } ?? (isTerminal ? .terminal : .stamped),
            isColored: self.options.usesColor || self.settings.usesLogColor)
    }

    /// The form of the log when it is to be JSON: `--log-engine=json:…` wins over the parameters.
    private var jsonLog: JSONShape? {
        guard let engine = self.options.logEngine else {
            return self.settings.logEngine == "json" ? JSONShape(self.settings.logEngineData) : nil
        }
        let parts = engine.split(separator: ":", maxSplits: 1)
        return parts.first == "json" ? JSONShape(parts.count > 1 ? String(parts[1]) : "") : nil
    }

    /// What was asked for and is not done, each with the reason.
    var withoutEffect: [String] {
        var lines = self.options.withoutEffect.map { "option \($0.option) has no effect: \($0.reason)" }
        if let engine = self.options.logEngine ?? self.settings.logEngine, !engine.hasPrefix("json") {
            lines.append("log engine '\(engine)' has no effect: json is the only other form of the log")
        }
        if let asked = self.options.udpWorkers, asked > self.datagramWorkers {
            lines.append("option -n \(asked): \(self.datagramWorkers) are started, no worker ever waits for another")
        }
        if let asked = self.options.tcpWorkers, asked > self.eventWorkers {
            lines.append("option -N \(asked): \(self.eventWorkers) are started, no worker ever waits for another")
        }
        return lines
    }

    var user: String? { self.options.user ?? self.settings.user }
    var group: String? { self.options.group ?? self.settings.group }
    var chroot: String? { self.options.chrootDirectory ?? self.settings.chroot }

    // MARK: Workers

    private var cores: Int { max(WorkerThread.availableCPUs, 1) }

    /// Threads for each UDP address: what is asked for, but no more than there are cores, since none of them blocks.
    private var datagramWorkers: Int { max(1, min(self.options.udpWorkers ?? self.settings.children, self.cores)) }

    private var eventWorkers: Int {
        let asked =
            self.options.tcpWorkers ?? self.settings.tcpChildren ?? self.options.udpWorkers ?? self.settings.children
        return max(1, min(asked, self.cores))
    }

    func workerCount(_ table: SocketTable) -> Int {
        table.sockets.filter { $0.transport == .udp }.count * self.datagramWorkers + self.eventWorkers
    }

    var limits: TransportLimits {
        var limits = TransportLimits()
        limits.datagramWorkers = self.datagramWorkers
        limits.eventWorkers = self.eventWorkers
        if let asked = self.options.maxBuffer ?? self.settings.receiveBuffer {
            limits.datagram.receiveBuffer = asked
            limits.datagram.sendBuffer = asked
        }
        if let asked = self.options.maxBuffer ?? self.settings.sendBuffer { limits.datagram.sendBuffer = asked }
        limits.datagram.typeOfService = self.settings.typeOfService
        limits.datagram.bindsForeignAddresses = self.settings.bindsForeignAddresses
        limits.datagram.mayFragment = [1: false, 2: true][self.settings.pathMTUDiscovery ?? 0]
        let datagrams = self.settings.datagrams
        limits.datagram.spread = DatagramSpread(rawValue: datagrams.spread) ?? .bySender
        limits.datagram.busyPoll = datagrams.busyPoll
        limits.pinsWorkers = datagrams.pinsWorkers
        limits.stream = StreamSettings(self.settings.streams)
        limits.stream.bindsForeignAddresses = self.settings.bindsForeignAddresses
        limits.stream.typeOfService = self.settings.typeOfService
        return limits
    }
}
