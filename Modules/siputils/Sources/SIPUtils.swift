import Bytes
import ModuleKit
import SIPMessage

/// The `siputils` module: questions about messages, URIs and numbers, and small changes to URIs.
public final class SIPUtils: ServerModule {
    public static let name = "siputils"
    public static let summary = "Questions about messages, URIs and numbers."

    let settings: Settings
    let host: any ModuleHost
    let replies: LocalReply
    let identifiers: UniqueIdentifiers
    let rings: RingTones
    let rpidAttribute: AttributeName

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.replies = LocalReply(host: host)
        self.identifiers = host.shared("siputils.identifiers") { UniqueIdentifiers() }
        self.rings = host.shared("siputils.rings") { RingTones() }
        self.rpidAttribute = try Self.attribute(settings.rpidAttribute)
    }

    public var functions: [ScriptFunction] {
        self.messageFunctions + self.textFunctions + self.requestURIFunctions + self.uriFunctions
            + self.contactFunctions + self.identityFunctions + [
                self.chargingFunction, self.dateFunction, self.ringFunction,
            ]
    }

    public var variables: [ScriptVariable] {
        [
            ScriptVariable("sruid", summary: "A fresh identifier that no other server or restart makes.") {
                [identifiers] _ in .bytes(identifiers.next())
            },
            self.chargingVariable,
        ]
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        let rings = self.rings
        hooks.replyPassing = { route in Self.quieten(route, rings) }
        hooks.periodic = [PeriodicTask("siputils rings", every: .seconds(10)) { rings.expire(now: $0.now) }]
        return hooks
    }
}
