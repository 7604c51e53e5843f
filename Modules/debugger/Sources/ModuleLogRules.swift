import Bytes
import ModuleKit

/// Levels and facilities of single modules, changeable at any time.
final class ModuleLogRules: Sendable {
    private struct Entry {
        var rule = ModuleLogRule()
        var level: Int?
        var facility: Int?
    }

    private let entries = Lock([String: Entry]())
    /// `mod_hash_size` is 0: there are none and there will be none.
    let isFixed: Bool

    init(_ settings: Debugger.Settings, isFixed: Bool) {
        self.isFixed = isFixed
        for (module, level) in settings.levels { self.setLevel(level, of: module) }
        for (module, facility) in settings.facilities { self.setFacility(facility, of: module) }
    }

    /// What functions of a module log by.
    func rule(_ module: String) -> ModuleLogRule { self.change(module) { $0.rule } }

    func level(of module: String) -> Int? { self.entries.withLock { $0[module]?.level } }
    func facility(of module: String) -> Int? { self.entries.withLock { $0[module]?.facility } }

    func setLevel(_ level: Int, of module: String) {
        self.change(module) {
            $0.level = level
            $0.rule.ownLevel = level
        }
    }

    func setFacility(_ facility: Int, of module: String) {
        self.change(module) {
            $0.facility = facility
            $0.rule.ownFacility = facility
        }
    }

    private func change<R>(_ module: String, _ body: (inout Entry) -> R) -> R {
        self.entries.withLock { entries in body(&entries[module, default: Entry()]) }
    }
}
