import Bytes
import ModuleKit

/// Which contacts of redirects are followed, for one message.
final class RedirectFilters {
    var denied: FilterList
    var accepted: FilterList

    init(_ settings: RedirectFollower.Settings) {
        self.denied = FilterList(standard: settings.denied)
        self.accepted = FilterList(standard: settings.accepted)
    }

    /// What an accept filter matches is followed; of the rest, when the default is so, what no deny filter matches.
    func accepts(_ uri: ByteString, acceptsByDefault: Bool) -> Bool {
        if acceptsByDefault, !self.denied.matches(uri) { return true }
        return self.accepted.matches(uri)
    }
}

/// Filters of one kind: that of the configuration and those of the script.
struct FilterList {
    /// In all.
    static let limit = 6

    private var standard: RegularExpression?
    private var added: [RegularExpression] = []

    init(standard: RegularExpression?) { self.standard = standard }

    /// - Returns: false when there are too many.
    mutating func add(_ filter: RegularExpression, _ reset: FilterReset) -> Bool {
        if reset.dropsStandard { self.standard = nil }
        if reset.dropsAdded { self.added.removeAll() }
        guard self.added.count + (self.standard == nil ? 0 : 1) < Self.limit else { return false }
        self.added.append(filter)
        return true
    }

    func matches(_ text: ByteString) -> Bool {
        self.standard?.matches(text.span) == true || self.added.contains { $0.matches(text.span) }
    }
}

/// Which filters go before another one is added.
final class FilterReset: Sendable {
    let dropsStandard: Bool
    let dropsAdded: Bool

    init(_ text: ByteString) throws {
        switch text {
        case "": (self.dropsStandard, self.dropsAdded) = (false, false)
        case "reset_all": (self.dropsStandard, self.dropsAdded) = (true, true)
        case "reset_default": (self.dropsStandard, self.dropsAdded) = (true, false)
        case "reset_added": (self.dropsStandard, self.dropsAdded) = (false, true)
        default: throw ArgumentError("'\(text)' is none of reset_all, reset_default and reset_added")
        }
    }
}

/// How many contacts are taken, in all and of each branch.
final class RedirectLimits: Sendable {
    let total: Int
    let perBranch: Int

    /// Reads `2`, `*:1`, `6:2`.
    init(_ text: ByteString) throws {
        let parts = text.string.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.map { part -> Int? in
            if part == "*" || part == "0" { return .max }
            return Int(part).flatMap { $0 > 0 ? $0 : nil }
        }
        guard let total = numbers.first ?? nil, numbers.count < 3, let perBranch = numbers.count > 1 ? numbers[1] : .max
        else { throw ArgumentError("'\(text)' is neither TOTAL nor TOTAL:OF_EACH_BRANCH") }
        self.total = total
        self.perBranch = perBranch
    }
}
