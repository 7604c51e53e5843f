import Bytes
import ModuleKit
import SIPMessage

/// The `corex` module: what scripts need of the core beyond its own commands: branches, sockets, raw sending, flags, the
/// bytes on the wire.
public final class Corex: ServerModule {
    public static let name = "corex"
    public static let summary = "Branches, sockets, raw sending, flags, the bytes on the wire."

    let host: any ModuleHost
    let settings: Settings
    let network: NetworkEvents

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.host = host
        self.settings = settings
        self.network = try NetworkEvents(settings, host)
    }

    public var functions: [ScriptFunction] {
        self.branchFunctions + self.socketFunctions + self.sendFunctions + self.flagFunctions + self.questionFunctions
            + self.internalFlagFunctions + self.fileFunctions + self.viaFunctions + self.forwardFunctions
            + self.viaFlagFunctions
    }

    public var variables: [ScriptVariable] {
        [self.placeVariable, self.socketVariable]
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        let settings = self.settings
        let network = self.network
        if !settings.domains.isEmpty {
            hooks.isMyself = { span, host, port, transport in
                settings.domains.contains { $0.matches(span, host, port, transport) }
            }
        }
        if !settings.records.isEmpty || !settings.recordFile.isEmpty {
            hooks.started = { host in try settings.preload(host) }
        }
        if network.isOn { hooks.bytesArrived = { network.arrived($0, $1, $2, $3) } }
        hooks.bytesLeaving = { network.leaving($0, $1, $2, $3) }
        hooks.byteEvents = ["network:msg", "corex:reply-out"]
        return hooks
    }
}
