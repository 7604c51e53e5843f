import Bytes
import ModuleKit
import SIPMessage

/// The `pv` module: the pseudo-variables and transformations that nearly every script uses.
///
/// What lies in the received message is handed out as a range of it and copied by nobody.
public final class PseudoVariables: ServerModule {
    public static let name = "pv"
    public static let summary = "Variables for message, addresses, flags, time, and the text transformations."

    let settings: Settings
    let host: any ModuleHost
    let shared: SharedVariables
    let variableNames = VariableNames()

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.shared = host.shared("pv.shared") { SharedVariables() }
        for (name, value) in settings.sharedValues { self.shared.variable(name).begin(with: value) }
    }

    public var variables: [ScriptVariable] {
        self.requestURIVariables + self.originalURIVariables + self.destinationVariables + self.branchVariables
            + self.arrivalVariables + self.messageVariables + self.headerVariables + self.addressVariables
            + self.identityVariables + self.viaVariables + self.flagVariables + self.storedVariables
            + self.timeVariables + self.programVariables + self.credentialVariables + self.stackVariables
            + self.transferVariables + self.errorVariables + [self.staticBranchVariable, AddressFamily.variable]
    }

    public var transformations: [TransformationClass] {
        [
            StringTransformations.transformations, URITransformations.transformations,
            ListTransformations.parameters, ListTransformations.lines, AddressTransformations.nameAddress,
            AddressTransformations.toBody, ValueTransformations.values, ValueTransformations.numbers,
            AddressTransformations.aliases, AddressTransformations.sockets,
        ]
    }
}
