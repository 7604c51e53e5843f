import Bytes
import SIPMessage

/// One registration of this server with another one (RFC 3261 §10): what it is, and how it stands.
///
/// ```
///             add                              200
///   ┌──────┐ ─────▶ ┌───────┐  due  ┌────────┐ ─────▶ ┌────────┐
///   │      │        │ waits │ ────▶ │ asks   │        │ online │──┐
///   └──────┘        └───────┘ ◀──── └────────┘ ◀───── └────────┘  │ due: asks
///                       ▲     refused, 408      due       │       │
///                       └──────────────────────────◀──────┘◀──────┘
///                                            disabled, ended
/// ```
///
/// A challenge is answered once an attempt; 423 is asked again at once with what it wants.
struct Registration: Sendable, Equatable {
    /// How it stands, in Kamailio's bits.
    struct State: OptionSet, Sendable {
        let rawValue: Int
        static let disabled = State(rawValue: 1)
        static let asks = State(rawValue: 2)
        static let online = State(rawValue: 4)
        static let hasAnsweredChallenge = State(rawValue: 8)
        static let hasAsked = State(rawValue: 16)
    }

    // MARK: What it is

    var uuid: ByteString
    var localUser = ByteString()
    var localDomain = ByteString()
    var remoteUser = ByteString()
    var remoteDomain = ByteString()
    var realm = ByteString()
    var user = ByteString()
    var password = ByteString()
    /// H(user:realm:password) in hexadecimal, in place of the password.
    var hash = ByteString()
    /// URI to send REGISTER to; empty: the registrar's domain.
    var proxy = ByteString()
    /// Seconds to ask for; the registrar may have wanted more than was wished.
    var expires = 3600
    /// Seconds that were wished for.
    var wishes = 3600
    /// Seconds before the first attempt.
    var delay = 0
    /// host:port for Contact.
    var contactAddress = ByteString()
    /// User for Contact; empty: the uuid.
    var contactUser = ByteString()
    var socket = ByteString()

    // MARK: How it stands; times in seconds since 1970

    var state: State = []
    /// When it ends at the registrar, or is tried again.
    var expiresAt = 0
    var createdAt = 0
    /// When to act; `.max`: not of itself.
    var dueAt = 0
    /// Of the registration so far; kept when the module is told to.
    var callID = ByteString()
    var cSeq: UInt32 = 0
    /// Seconds that the attempt under way asks for; 0 ends the registration.
    var asksFor = 0
    /// When the attempt under way began.
    var askedAt = 0
    /// The registrar has wanted more time already: once is enough.
    var hasAskedLonger = false

    init(uuid: ByteString) { self.uuid = uuid }

    var contact: ByteString {
        "sip:" + (self.contactUser.isEmpty ? self.uuid : self.contactUser) + "@" + self.contactAddress
    }

    var remoteURI: ByteString { "sip:" + self.remoteUser + "@" + self.remoteDomain }
    var localURI: ByteString { "sip:" + self.localUser + "@" + self.localDomain }

    /// Longest time of an attempt, two transactions: one that lasts longer is lost, with a configuration that was
    /// replaced meanwhile.
    private static let patience = 130

    /// When to look at it again.
    var nextLook: Int {
        if self.state.contains(.disabled) { return .max }
        return self.state.contains(.asks) ? self.askedAt + Self.patience : self.dueAt
    }

    func isDue(_ now: Int) -> Bool { self.nextLook <= now }

    /// Begins an attempt.
    /// - Parameter seconds: to ask for; 0 ends the registration.
    mutating func begin(asking seconds: Int, now: Int) {
        self.state.insert([.asks, .hasAsked])
        self.state.remove(.hasAnsweredChallenge)
        self.asksFor = seconds
        self.askedAt = now
        self.expiresAt = max(self.expiresAt, now)
    }

    /// Seconds from a table or a client: none below 0, and none with which a time overflows.
    static func bounded(_ seconds: Int) -> Int { min(max(seconds, 0), Int(UInt32.max)) }

    /// Plans the first attempt.
    /// - Parameter spread: seconds to wait beside its own delay.
    mutating func plan(_ now: Int, _ spread: Int) {
        self.createdAt = now
        self.dueAt = now + self.delay + spread
    }

    /// Whether `other` describes the same registration, however it stands.
    func isSame(as other: Registration) -> Bool {
        func text(_ registration: Registration) -> [ByteString] {
            [
                registration.uuid, registration.localUser, registration.localDomain, registration.remoteUser,
                registration.remoteDomain, registration.realm, registration.user, registration.password,
                registration.hash, registration.proxy, registration.contactAddress, registration.contactUser,
                registration.socket,
            ]
        }
        return text(self) == text(other) && self.wishes == other.wishes && self.delay == other.delay
            && self.state.contains(.disabled) == other.state.contains(.disabled)
    }

    /// What to do after an answer.
    enum Step: Sendable, Equatable {
        case nothing
        /// Ask again with credentials.
        case answerChallenge
        /// Ask again with the longer time that the registrar wants.
        case askLonger
    }

    /// The registrar's answer.
    /// - Parameters:
    ///   - granted: seconds, by Contact or Expires of a 200; nil when it does not say.
    ///   - shortest: Min-Expires of a 423.
    mutating func answered(_ code: Int, granted: Int?, shortest: Int?, pace: Pace, now: Int) -> Step {
        switch code {
        case 200..<300:
            self.state.remove([.asks, .hasAnsweredChallenge])
            self.hasAskedLonger = false
            guard self.asksFor > 0 else {
                self.state.remove(.online)
                self.expiresAt = now
                self.dueAt = .max
                return .nothing
            }
            let seconds = max(granted ?? self.asksFor, 1)
            self.state.insert(.online)
            self.expiresAt = now + seconds
            // Not later than the half of it: so a lost answer leaves time for another attempt.
            self.dueAt = self.expiresAt - min(pace.interval, seconds / 2)
            return .nothing
        case 401, 407:
            if !self.state.contains(.hasAnsweredChallenge), !self.user.isEmpty {
                self.state.insert(.hasAnsweredChallenge)
                return .answerChallenge
            }
        case 423:
            if let shortest, shortest > self.asksFor, self.asksFor > 0, !self.hasAskedLonger {
                self.hasAskedLonger = true
                self.expires = shortest
                self.state.remove([.asks, .hasAnsweredChallenge])
                return .askLonger
            }
        default: break
        }
        self.fail(pace, now)
        return .nothing
    }

    /// The attempt came to nothing.
    mutating func fail(_ pace: Pace, _ now: Int) {
        self.state.remove([.asks, .hasAnsweredChallenge, .online])
        self.hasAskedLonger = false
        self.expiresAt = now + pace.retry
        self.dueAt = self.asksFor > 0 ? self.expiresAt : .max
    }

    mutating func enable(_ now: Int) {
        self.state.remove(.disabled)
        self.expiresAt = now + 1
        self.dueAt = self.expiresAt
    }

    /// Nothing is sent from now on; what the registrar has runs out.
    mutating func disable(_ now: Int) {
        self.state.insert(.disabled)
        self.expiresAt = now + 1
    }
}

/// How fast registrations are renewed and tried again, in seconds.
struct Pace: Sendable, Equatable {
    /// Before expiry.
    var interval: Int
    var retry: Int

    init(_ settings: UserAgentClient.Settings) {
        self.init(interval: settings.timerInterval, retry: settings.retryInterval)
    }

    init(interval: Int, retry: Int) {
        self.interval = interval
        self.retry = retry > 0 ? retry : interval
    }
}

/// By what registrations are found.
enum RegistrationFilter: Sendable, Equatable {
    case uuid(ByteString)
    case localUser(ByteString)
    case remoteUser(ByteString)
    case user(ByteString)

    /// - Returns: nil when registrations are not found by that.
    init?(_ attribute: ByteString, _ value: ByteString) {
        switch attribute {
        case "l_uuid": self = .uuid(value)
        case "l_username": self = .localUser(value)
        case "r_username": self = .remoteUser(value)
        case "auth_username": self = .user(value)
        default: return nil
        }
    }

    func matches(_ registration: Registration) -> Bool {
        switch self {
        case .uuid(let text): registration.uuid == text
        case .localUser(let text): registration.localUser == text
        case .remoteUser(let text): registration.remoteUser == text
        case .user(let text): registration.user == text
        }
    }
}

/// All registrations, in memory; they survive reloads.
final class RegistrationTable: Sendable {
    private struct Content {
        var isActive: Bool
        var byUUID: [ByteString: Registration] = [:]
        /// Nothing is due before; `.max` when nothing ever is.
        var earliest = 0
    }

    private let content: Lock<Content>

    /// What registrations are timed by.
    let clock = SteadyClock()

    init(isActive: Bool) { self.content = Lock(Content(isActive: isActive)) }

    /// Whether registrations are made.
    /// - Returns: what it was before.
    func activate(_ isActive: Bool) -> Bool {
        self.content.withLock { content in
            defer { content.isActive = isActive }
            return content.isActive
        }
    }

    /// - Returns: false when the uuid is taken.
    func add(_ registration: Registration) -> Bool {
        self.content.withLock { content in
            guard content.byUUID[registration.uuid] == nil else { return false }
            content.byUUID[registration.uuid] = registration
            content.earliest = min(content.earliest, registration.nextLook)
            return true
        }
    }

    /// Adds one, in place of that with the same uuid.
    func put(_ registration: Registration) {
        self.content.withLock { content in
            content.byUUID[registration.uuid] = registration
            content.earliest = min(content.earliest, registration.nextLook)
        }
    }

    /// Has these and no others. One that is described as before stays as it stands.
    func replaceAll(_ registrations: [Registration]) {
        self.content.withLock { content in
            var all: [ByteString: Registration] = [:]
            for registration in registrations {
                let known = content.byUUID[registration.uuid]
                let kept = known.flatMap { $0.isSame(as: registration) ? $0 : nil } ?? registration
                all[registration.uuid] = kept
                content.earliest = min(content.earliest, kept.nextLook)
            }
            content.byUUID = all
        }
    }

    func remove(_ uuid: ByteString) -> Bool { self.content.withLock { $0.byUUID.removeValue(forKey: uuid) != nil } }

    /// All, by uuid.
    var all: [Registration] {
        self.content.withLock { $0.byUUID.values.sorted { $0.uuid < $1.uuid } }
    }

    func find(_ filter: RegistrationFilter) -> Registration? {
        self.content.withLock { content in
            if case .uuid(let uuid) = filter { return content.byUUID[uuid] }
            return content.byUUID.values.filter(filter.matches).min { $0.uuid < $1.uuid }
        }
    }

    /// The registration of the local user; with the domain too, when one is given.
    func find(localUser user: ByteString, domain: ByteString?) -> Registration? {
        self.content.withLock { content in
            content.byUUID.values.filter { $0.localUser == user && (domain == nil || $0.localDomain == domain) }
                .min { $0.uuid < $1.uuid }
        }
    }

    /// Changes one, when it is there.
    func change<R>(_ uuid: ByteString, _ body: (inout Registration) -> R) -> R? {
        self.content.withLock { content in
            guard var registration = content.byUUID[uuid] else { return nil }
            let result = body(&registration)
            content.byUUID[uuid] = registration
            content.earliest = min(content.earliest, registration.nextLook)
            return result
        }
    }

    /// Begins an attempt for each that is due.
    func takeDue(_ now: Int) -> [Registration] {
        self.content.withLock { content in
            guard content.isActive, content.earliest <= now else { return [] }
            var due: [Registration] = []
            content.earliest = .max
            for (uuid, registration) in content.byUUID {
                var changed = registration
                defer { content.earliest = min(content.earliest, changed.nextLook) }
                guard registration.isDue(now) else { continue }
                changed.begin(asking: registration.expires, now: now)
                content.byUUID[uuid] = changed
                due.append(changed)
            }
            return due.sorted { $0.uuid < $1.uuid }
        }
    }
}
