import Bytes
import ModuleKit
import SIPMessage
import Synchronization

/// The `cfgutils` module: randomness, global flags, locks and other odds and ends.
public final class ConfigurationUtilities: ServerModule {
    public static let name = "cfgutils"
    public static let summary = "Randomness, pauses, locks and global flags for scripts."

    let settings: Settings
    let state: UtilityState
    let locks: ScriptLocks?

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.state = host.shared("cfgutils.state") { UtilityState(settings) }
        self.locks =
            settings.lockSetSize > 0
            ? host.shared("cfgutils.locks") { ScriptLocks(stripes: 1 << settings.lockSetSize) } : nil
    }

    public var functions: [ScriptFunction] {
        self.randomFunctions + self.pauseFunctions + self.flagFunctions + self.lockFunctions + self.routeFunctions
            + self.otherFunctions
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [settings, state] _ in
            guard !settings.hashFile.isEmpty else { return }
            guard let digest = UtilityState.digest(of: settings.hashFile) else {
                throw ModuleError("cfgutils: hash_file \(settings.hashFile.string) cannot be read")
            }
            state.configurationDigest.withLock { $0 = digest }
        }
        if self.locks != nil {
            hooks.routeEnded = { route, _ in route.heldLocks?.releaseAtEnd(route) }
        }
        return hooks
    }
}

/// What all workers share, over reloads too.
final class UtilityState: Sendable {
    /// In percent.
    let probability: Atomic<Int>
    let flags: Atomic<UInt32>
    /// MD5 of `hash_file` when the server started, in hexadecimal.
    let configurationDigest = Lock<ByteString?>(nil)

    init(_ settings: ConfigurationUtilities.Settings) {
        self.probability = Atomic(settings.initialProbability)
        self.flags = Atomic(UInt32(truncatingIfNeeded: settings.initialFlags))
    }
}
