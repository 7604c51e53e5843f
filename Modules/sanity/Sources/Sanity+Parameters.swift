import Bytes
import ModuleKit

extension Sanity {
    public struct Settings: Sendable {
        var defaultChecks = 3047
        var uriChecks = 7
        var proxyRequire = ByteString()
        var stopsScript = true
        var isSilent = false
        var checksSizes = false
        var sizes = SizeLimits()
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
            ModuleParameter("default_checks", \.defaultChecks, in: 1...131_071, "Checks without an argument."),
            ModuleParameter("uri_checks", \.uriChecks, in: 1...15, "URIs that are parsed without an argument."),
            ModuleParameter("proxy_require", \.proxyRequire, "Option tags that are supported, with commas between."),
            ModuleParameter("autodrop", \.stopsScript, "A failed check ends the script."),
            ModuleParameter("noreply", \.isSilent, "A failed check is answered by sanity_reply only."),
            ModuleParameter("size_checks", \.checksSizes, "Every check looks at sizes too, as check 65536 does."),
        ] + Self.sizeParameters
    }

    private static var sizeParameters: [ModuleParameter<Settings>] {
        let limits: [(String, WritableKeyPath<Settings, Int> & Sendable, String)] = [
            ("size_message", \.sizes.message, "the message"), ("size_method", \.sizes.method, "the method"),
            ("size_ruri", \.sizes.requestURI, "the Request-URI"), ("size_from_uri", \.sizes.fromURI, "the URI in From"),
            ("size_to_uri", \.sizes.toURI, "the URI in To"),
            ("size_contact_uri", \.sizes.contactURI, "a URI in Contact"),
            ("size_route_uri", \.sizes.routeURI, "a URI in Route or Record-Route"),
            ("size_path_uri", \.sizes.pathURI, "a URI in Path"),
            ("size_pai_uri", \.sizes.assertedURI, "a URI in P-Asserted-Identity"),
            ("size_header", \.sizes.header, "a header field"), ("size_headers", \.sizes.headers, "all header fields"),
            ("size_body", \.sizes.body, "the body"),
        ]
        return limits.map { name, path, part in
            ModuleParameter(name, path, in: 0...65_535, "Bytes that \(part) may have; 0: any number.")
        }
    }
}
