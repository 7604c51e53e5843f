/// What a configuration says of how UDP workers are fed.
public struct DatagramParameters: Sendable {
    /// `udp_spread`: 0: a peer's datagrams all to one worker, 1: each to any, 2: to that of the processor it came to.
    public var spread = 0
    /// `udp_busy_poll`: microseconds for which a worker looks for datagrams before it sleeps.
    public var busyPoll = 0
    /// `pin_workers`: each worker stays on one processor.
    public var pinsWorkers = false
    /// `udp_join`: whether several datagrams for one peer leave as one: 0: no, 1: while nobody captures packets, 2: yes.
    public var joins = 1

    public init() {}

    /// - Returns: false when the parameter is none of these.
    public mutating func apply(_ name: String, _ int: Int?) -> Bool {
        switch name {
        case "udp_spread": self.spread = min(max(int ?? 0, 0), 2)
        case "udp_busy_poll": self.busyPoll = min(max(int ?? 0, 0), 10_000)
        case "pin_workers": self.pinsWorkers = int.map { $0 != 0 } ?? false
        case "udp_join": self.joins = min(max(int ?? 1, 0), 2)
        default: return false
        }
        return true
    }
}
