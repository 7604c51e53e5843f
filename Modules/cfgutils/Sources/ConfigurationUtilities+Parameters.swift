import Bytes
import ModuleKit

extension ConfigurationUtilities {
    public struct Settings: Sendable {
        var initialProbability = 10
        var initialFlags = 0
        var hashFile = ByteString()
        var lockSetSize = 0
    }

    public static var defaultSettings: Settings { Settings() }

    public static let parameters: [ModuleParameter<Settings>] = [
        ModuleParameter(
            "initial_probability", \.initialProbability, in: 0...100,
            "How often rand_event() is true at first, in percent."),
        ModuleParameter(
            "initial_gflags", \.initialFlags, in: 0...Int(UInt32.max), "Global flags that are set at first, as a sum."),
        ModuleParameter(
            "hash_file", \.hashFile, "File whose MD5 is computed at the start, for cfgutils.check_config_hash."),
        ModuleParameter(
            "lock_set_size", \.lockSetSize, in: 0...16,
            "Locks are kept in 2 to this power tables; 0: there are none, and lock() fails."),
    ]
}
