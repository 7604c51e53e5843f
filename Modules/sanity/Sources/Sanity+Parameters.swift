import Bytes
import ModuleKit

extension Sanity {
    public struct Settings: Sendable {
        var defaultChecks = 3047
        var uriChecks = 7
        var proxyRequire = ByteString()
        var stopsScript = true
        var isSilent = false
        public init() {}

        /// The option tags in `proxy_require`.
        var supportedTags: [ByteString] {
            self.proxyRequire.bytes.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 <= 32 }).map {
                ByteString(Array($0))
            }
        }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("default_checks", \.defaultChecks, in: 1...32_767, "Checks without an argument."),
            ModuleParameter("uri_checks", \.uriChecks, in: 1...15, "URIs that are parsed without an argument."),
            ModuleParameter("proxy_require", \.proxyRequire, "Option tags that are supported, with commas between."),
            ModuleParameter("autodrop", \.stopsScript, "A failed check ends the script."),
            ModuleParameter("noreply", \.isSilent, "A failed check is answered by sanity_reply only."),
        ]
            + ModuleParameter.notYet(
                .int, "size_checks", "size_message", "size_method", "size_ruri", "size_from_uri", "size_to_uri",
                "size_contact_uri", "size_route_uri", "size_path_uri", "size_pai_uri", "size_header", "size_headers",
                "size_body")
    }
}
