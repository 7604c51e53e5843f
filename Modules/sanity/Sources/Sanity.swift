import Bytes
import ModuleKit
import SIPMessage
import sl

/// The `sanity` module: refuses messages that break the rules of RFC 3261 before they do harm.
public final class Sanity: ServerModule {
    public static let name = "sanity"
    public static let summary = "Checks that messages are well formed, and refuses those that are not."

    let settings: Settings
    let replies: StatelessReplies
    let check: SanityCheck

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.replies = try host.module(StatelessReplies.self)
        self.check = SanityCheck(supported: settings.supportedTags, sizes: settings.sizes)
    }
}
