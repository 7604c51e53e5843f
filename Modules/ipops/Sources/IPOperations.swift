import Bytes
import ModuleKit
import SIPMessage

/// The `ipops` module: questions about IP addresses, look-ups of names and addresses.
///
/// A look-up suspends its script; the worker takes the next message meanwhile. What it found belongs to the message.
public final class IPOperations: ServerModule {
    public static let name = "ipops"
    public static let summary = "Tests and compares IP addresses, looks up names."

    let host: any ModuleHost
    let ownName: OwnHostName

    public init(_ settings: NoSettings, host: any ModuleHost) throws {
        self.host = host
        self.ownName = host.shared("ipops.own-name") { OwnHostName() }
    }

    public var functions: [ScriptFunction] {
        self.formFunctions + self.comparisonFunctions + self.classFunctions + self.lookupFunctions
            + self.recordFunctions
    }

    public var variables: [ScriptVariable] {
        self.lookupVariables + self.recordVariables + [self.hostVariable]
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [ownName] host in ownName.findOut(host) }
        return hooks
    }
}
