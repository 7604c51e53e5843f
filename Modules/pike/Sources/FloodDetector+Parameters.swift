import ModuleKit

extension FloodDetector {
    public struct Settings: Sendable {
        var samplingUnit = 2
        var density = 30
        var removeLatency = 120
        var level = 0
        var maxNodes = 131_072
        var ipv6Prefix = 128
        public init() {}

        var logLevel: LogLevel { LogLevel(rawValue: min(max(self.level, -5), 3)) ?? .warning }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("sampling_time_unit", \.samplingUnit, in: 1...86_400, "Seconds within which is counted."),
            ModuleParameter(
                "reqs_density_per_unit", \.density, in: 1...1_000_000,
                "Messages that an address may send within sampling_time_unit, from when it is watched by itself."),
            ModuleParameter(
                "remove_latency", \.removeLatency, in: 1...86_400,
                "Seconds without a message after which an address is forgotten."),
            ModuleParameter(
                "pike_log_level", \.level, in: -5...3, "Level of the lines about addresses that are found or released."),
            ModuleParameter(
                "max_nodes", \.maxNodes, in: 512...16_777_216,
                "Most bytes of addresses that are kept, 52 bytes of memory each; the quietest go first. Kamailio has no limit."
            ),
            ModuleParameter(
                "ipv6_prefix", \.ipv6Prefix, in: 16...128,
                "Bits of IPv6 addresses that are one source; 64 is what one customer has as a rule. Not in Kamailio."),
        ]
    }
}
