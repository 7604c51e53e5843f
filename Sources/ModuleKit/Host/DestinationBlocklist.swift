import Bytes
import SIPMessage
import Synchronization

/// Destinations that failed, and are left alone until their time is over (`use_dst_blocklist`).
///
/// Belongs to the server. One lock; when the list is not used, one relaxed load.
public final class DestinationBlocklist: Sendable {
    /// Why a destination is on the list; the bits of `dst_blocklist_udp_imask` and of the command `dst_blocklist.add`.
    public struct Reason: OptionSet, Sendable, Hashable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// The bytes could not be sent.
        public static let sendFailed = Reason(rawValue: 1 << 1)
        /// No connection could be opened.
        public static let connectFailed = Reason(rawValue: 1 << 2)
        /// It answered 503.
        public static let unavailable = Reason(rawValue: 1 << 4)
        /// No reply came in time.
        public static let timeout = Reason(rawValue: 1 << 5)
        /// A control client put it there.
        public static let administrative = Reason(rawValue: 1 << 7)
    }

    /// One destination on the list.
    public struct Entry: Sendable {
        public var transport: TransportProtocol
        public var address: SocketAddress
        public var reason: Reason
        /// When it may be used again.
        public var expires: Instant
    }

    private struct Key: Hashable {
        var transport: TransportProtocol
        var address: SocketAddress
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var settings = BlocklistSettings()
    }

    private let state = Lock(State())
    private let used = Atomic(false)

    /// Bytes that one entry is counted as.
    static let entrySize = 96

    public init() {}

    public var settings: BlocklistSettings { self.state.withLock { $0.settings } }
    /// Whether anything is looked up or noted.
    public var isUsed: Bool { self.used.load(ordering: .relaxed) }

    /// Goes by other settings from now on.
    public func update(_ body: (inout BlocklistSettings) -> Void) {
        let isUsed = self.state.withLock { state in
            body(&state.settings)
            return state.settings.isUsed && state.settings.isAvailable
        }
        self.used.store(isUsed, ordering: .relaxed)
    }

    /// Whether a destination is to be left alone.
    public func contains(_ transport: TransportProtocol, _ address: SocketAddress, at now: Instant) -> Bool {
        guard self.isUsed else { return false }
        return self.state.withLock { state in
            guard let entry = state.entries[Key(transport: transport, address: address)] else { return false }
            return now < entry.expires
        }
    }

    /// Notes that a destination failed. Nothing happens when the list is not used, or the settings ignore the reason.
    /// - Parameter lifetime: seconds; nil for the usual ones.
    public func add(
        _ transport: TransportProtocol, _ address: SocketAddress, _ reason: Reason, lifetime: Int? = nil,
        at now: Instant
    ) {
        guard self.isUsed else { return }
        self.state.withLock { state in
            guard state.settings.ignored(transport) & reason.rawValue == 0 else { return }
            let seconds = lifetime ?? state.settings.lifetime
            guard seconds > 0 else { return }
            let key = Key(transport: transport, address: address)
            let limit = max(state.settings.memory << 10 / Self.entrySize, 1)
            if state.entries[key] == nil, state.entries.count >= limit {
                state.entries = state.entries.filter { now < $0.value.expires }
                guard state.entries.count < limit else { return }
            }
            let entry = Entry(
                transport: transport, address: address, reason: reason,
                expires: now + .seconds(min(seconds, 1_000_000_000)))
            state.entries[key] = entry
        }
    }

    /// What is on it now.
    public func entries(at now: Instant) -> [Entry] {
        self.state.withLock { state in state.entries.values.filter { now < $0.expires } }
            .sorted { "\($0.address)" < "\($1.address)" }
    }

    /// Bytes in use and allowed, roughly.
    public var memory: (used: Int, limit: Int) {
        self.state.withLock { ($0.entries.count * Self.entrySize, $0.settings.memory << 10) }
    }

    public func removeAll() { self.state.withLock { $0.entries = [:] } }
}
