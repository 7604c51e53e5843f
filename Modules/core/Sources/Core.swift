import Bytes
import ModuleKit
import SIPMessage

/// The core functions and variables: what every script has without loading anything.
///
/// Statements (`exit`, `return`, `drop`, `break`, `route`) and operators belong to the language, not here.
public final class Core: ServerModule {
    public static let name = "core"
    public static let summary =
        "Functions and variables that every script has: flags, Request-URI, forwarding, connections."

    let host: any ModuleHost
    let forwarded: CounterID
    /// 16 hexadecimal digits that no other run of a server has.
    let identity: ByteString

    public init(_ settings: NoSettings, host: any ModuleHost) throws {
        self.host = host
        let identity = ByteBuffer(capacity: 16)
        identity.append(hex: HashSeed.process, digits: 16)
        self.identity = ByteString(identity.span)
        Self.declareVariables(host)
        self.forwarded = host.counters.register("core", "fwd_requests")
    }

    public var functions: [ScriptFunction] {
        self.connectionFunctions + self.flagFunctions + self.requestURIFunctions + self.userPartFunctions
            + self.branchFunctions + self.forwardFunctions + self.logFunctions
            + self.attributeFlagFunctions + self.sendingFunctions + self.groupFunctions
    }
}
