import Bytes
import ModuleKit
import SIPMessage
import sl

/// The `auth` module: digest authentication (RFC 3261 §22, RFC 7616, RFC 8760).
///
/// A challenge leaves nothing behind: its nonce carries when it was made and until when it holds, sealed with a secret.
/// Only a right answer is remembered, and only where the configuration wants counts or nonces to be used once.
public final class Authentication: ServerModule {
    public static let name = "auth"
    public static let summary = "Digest authentication: challenges, and checks of what answers them."

    let settings: Settings
    let replies: StatelessReplies
    let nonces: NonceSeal
    let ledger: NonceLedger
    /// What `challenge_attr` names.
    let challengeVariable: VariableReference?

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.replies = try host.module(StatelessReplies.self)
        self.challengeVariable =
            settings.challengeVariable.isEmpty ? nil : try host.compiler.variable(settings.challengeVariable)
        // A reload finds the secret and what was used again, so that nonces of before still hold.
        let state = host.shared("auth") { NonceState() }
        self.ledger = state.ledger
        self.nonces = NonceSeal(
            secret: settings.secret.isEmpty ? state.secret : settings.secret, state: state,
            lifetime: UInt32(settings.nonceLifetime), drift: UInt32(settings.nonceDrift),
            isCounted: settings.countsNonces || settings.usesNoncesOnce)
    }

    /// Second since 1970, as nonces have it.
    var now: UInt32 { self.nonces.state.now }
}
