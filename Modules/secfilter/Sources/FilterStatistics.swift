import ModuleKit

/// How many messages each list has refused or let in.
struct FilterStatistics: Sendable {
    /// What of a message was looked at, in the order in which commands show it.
    enum Place: Int, Sendable, CaseIterable {
        case userAgent, country, fromDomain, toDomain, contactDomain, address, fromName, toName, contactName, fromUser
        case toUser, contactUser

        var title: String {
            switch self {
            case .userAgent: "By user-agent    "
            case .country: "By country       "
            case .fromDomain: "By from domain   "
            case .toDomain: "By to domain     "
            case .contactDomain: "By contact domain"
            case .address: "By IP address    "
            case .fromName: "By from name     "
            case .toName: "By to name       "
            case .contactName: "By contact name  "
            case .fromUser: "By from user     "
            case .toUser: "By to user       "
            case .contactUser: "By contact user  "
            }
        }

        var word: String {
            switch self {
            case .userAgent: "user_agent"
            case .country: "country"
            case .fromDomain: "from_domain"
            case .toDomain: "to_domain"
            case .contactDomain: "contact_domain"
            case .address: "address"
            case .fromName: "from_name"
            case .toName: "to_name"
            case .contactName: "contact_name"
            case .fromUser: "from_user"
            case .toUser: "to_user"
            case .contactUser: "contact_user"
            }
        }
    }

    let blocked: [CounterID]
    let allowed: [CounterID]
    let destinations: CounterID
    let injections: CounterID
    private let registry: CounterRegistry

    init(_ registry: CounterRegistry) {
        self.registry = registry
        self.blocked = Place.allCases.map {
            registry.register("secfilter", "blocked_\($0.word)", "Messages refused by \($0.word).")
        }
        self.allowed = Place.allCases.map {
            registry.register("secfilter", "allowed_\($0.word)", "Messages let in by \($0.word).")
        }
        self.destinations = registry.register("secfilter", "blocked_destinations", "Numbers that are not called.")
        self.injections = registry.register("secfilter", "blocked_injections", "Messages with SQL in them.")
    }

    func reset() {
        for counter in self.blocked + self.allowed + [self.destinations, self.injections] {
            self.registry.reset(counter)
        }
    }

    /// As `secfilter.stats` shows them.
    var lines: [String] {
        func section(_ title: String, _ rows: [(String, CounterID)]) -> [String] {
            ["", title, String(repeating: "=", count: title.count)]
                + rows.map { "[+] \($0.0): \(self.registry.value($0.1))" }
        }
        let places = Place.allCases
        return section("Blocked messages (blacklist)", places.map { ($0.title, self.blocked[$0.rawValue]) })
            + section("Allowed messages (whitelist)", places.map { ($0.title, self.allowed[$0.rawValue]) })
            + section(
                "Other blocked messages",
                [("Destinations   ", self.destinations), ("SQL injection  ", self.injections)]) + [""]
    }
}
