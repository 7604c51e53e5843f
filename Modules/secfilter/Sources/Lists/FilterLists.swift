import Bytes
import Database
import ModuleKit

/// What the lists are about; the numbers are those of column `type`.
enum FilterKind: Int, Sendable, CaseIterable {
    case userAgent = 0
    case country = 1
    case domain = 2
    case address = 3
    case user = 4

    /// As commands name it.
    var word: String {
        switch self {
        case .userAgent: "ua"
        case .country: "country"
        case .domain: "domain"
        case .address: "ip"
        case .user: "user"
        }
    }

    var title: String {
        switch self {
        case .userAgent: "User-agent"
        case .country: "Country"
        case .domain: "Domain"
        case .address: "IP Address"
        case .user: "User"
        }
    }

    init?(word: String) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }
}

/// Which list an entry is in; the numbers are those of column `action`.
enum FilterAction: Int, Sendable {
    case block = 0
    case allow = 1
    case destination = 2
}

/// An entry of the lists.
struct FilterEntry: Sendable {
    var action: FilterAction
    /// Of no meaning for destinations.
    var kind: FilterKind
    var text: ByteString
}

/// All lists.
struct FilterLists: Sendable {
    private(set) var blocked = [PrefixSet](repeating: PrefixSet(), count: FilterKind.allCases.count)
    private(set) var allowed = [PrefixSet](repeating: PrefixSet(), count: FilterKind.allCases.count)
    private(set) var destinations = PrefixSet()

    init() {}

    init(_ entries: [FilterEntry]) {
        func texts(_ action: FilterAction, _ kind: FilterKind) -> PrefixSet {
            PrefixSet(entries.filter { $0.action == action && $0.kind == kind }.map(\.text))
        }
        self.blocked = FilterKind.allCases.map { texts(.block, $0) }
        self.allowed = FilterKind.allCases.map { texts(.allow, $0) }
        self.destinations = PrefixSet(entries.filter { $0.action == .destination }.map(\.text))
    }

    /// - Parameter complaints: gets a sentence about each row that cannot be used.
    init(_ rows: Rows, complaints: inout [String]) {
        var entries: [FilterEntry] = []
        for (index, row) in rows.enumerated() {
            guard let action = row[0].int.flatMap({ FilterAction(rawValue: $0) }),
                let kind = row[1].int.flatMap({ FilterKind(rawValue: $0) }), let text = row[2].text, !text.isEmpty,
                action != .destination || kind == .userAgent
            else {
                complaints.append("row \(index + 1): an action, a type that goes with it, and data are needed")
                continue
            }
            entries.append(FilterEntry(action: action, kind: kind, text: text))
        }
        self.init(entries)
    }

    mutating func add(_ entry: FilterEntry) {
        switch entry.action {
        case .block: self.blocked[entry.kind.rawValue].add(entry.text)
        case .allow: self.allowed[entry.kind.rawValue].add(entry.text)
        case .destination: self.destinations.add(entry.text)
        }
    }

    func blocks(_ kind: FilterKind, _ text: ByteString) -> Bool { self.blocked[kind.rawValue].matches(text) }
    func allows(_ kind: FilterKind, _ text: ByteString) -> Bool { self.allowed[kind.rawValue].matches(text) }
}
