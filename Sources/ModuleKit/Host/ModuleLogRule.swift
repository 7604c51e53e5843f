import Synchronization

/// Level and facility that one module logs by, when they are not the server's. Set in `RouteContext.logRule` while a
/// function of the module runs.
public final class ModuleLogRule: Sendable {
    private let level = Atomic<Int>(.min)
    private let facilityNumber = Atomic<Int>(-1)
    private let usesLevel = Atomic<Bool>(false)
    private let usesFacility = Atomic<Bool>(false)

    public init() {}

    /// Largest level that is written; nil: the server's.
    public var threshold: Int? {
        guard self.usesLevel.load(ordering: .relaxed) else { return nil }
        let own = self.level.load(ordering: .relaxed)
        return own == .min ? nil : own
    }

    /// Syslog facility number; nil: the server's.
    public var facility: Int? {
        guard self.usesFacility.load(ordering: .relaxed) else { return nil }
        let own = self.facilityNumber.load(ordering: .relaxed)
        return own < 0 ? nil : own
    }

    /// What the module has of its own, whether it is in force or not.
    public var ownLevel: Int? {
        get {
            let own = self.level.load(ordering: .relaxed)
            return own == .min ? nil : own
        }
        set { self.level.store(newValue ?? .min, ordering: .relaxed) }
    }

    public var ownFacility: Int? {
        get {
            let own = self.facilityNumber.load(ordering: .relaxed)
            return own < 0 ? nil : own
        }
        set { self.facilityNumber.store(newValue ?? -1, ordering: .relaxed) }
    }

    /// Puts level and facility in force or out of it.
    public func followModes(level: Bool, facility: Bool) {
        if self.usesLevel.load(ordering: .relaxed) != level { self.usesLevel.store(level, ordering: .relaxed) }
        if self.usesFacility.load(ordering: .relaxed) != facility {
            self.usesFacility.store(facility, ordering: .relaxed)
        }
    }
}
