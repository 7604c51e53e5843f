import Bytes
import ModuleKit

extension HTTPRequests {
    public struct Settings: Sendable {
        var urlMatch: RegularExpression?
        var urlSkip: RegularExpression?
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("url_match", .text, "Regular expression: only URLs that match are served.") {
                $0.urlMatch = try Self.expression($1)
            },
            ModuleParameter("url_skip", .text, "Regular expression: URLs that match are not served.") {
                $0.urlSkip = try Self.expression($1)
            },
        ] + ModuleParameter.notYet(.text, "event_callback")
    }

    private static func expression(_ value: ParameterValue) throws -> RegularExpression? {
        guard case .text(let text) = value, !text.isEmpty else { return nil }
        do {
            return try RegularExpression(text)
        } catch {
            throw ArgumentError("bad regular expression: \(error.message)")
        }
    }
}
