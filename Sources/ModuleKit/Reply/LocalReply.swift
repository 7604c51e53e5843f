import Bytes
import SIPMessage

/// Replies that the server makes itself, with and without a transaction: their bytes and their way.
///
/// A value of settings that modules make once, in their `init`.
public struct LocalReply: Sendable {
    public let tags: ReplyTags
    /// `Server: …` with its line end, or nothing.
    let serverHeader: ByteString
    let forceRport: Bool
    let toVia: Bool
    /// Replies have a Warning (`sip_warning`).
    public let addsWarning: Bool

    public init(host: any ModuleHost) {
        let settings = host.settings
        self.init(settings, tags: .shared(by: host))
    }

    public init(_ settings: CoreSettings, tags: ReplyTags) {
        self.tags = tags
        self.serverHeader = settings.serverSignature ? settings.serverHeader + "\r\n" : ByteString()
        self.forceRport = settings.forceRport
        self.toVia = settings.replyToVia
        self.addsWarning = settings.addsWarning
    }

    /// Where it goes.
    public func destination(for route: RouteContext) -> Destination {
        ReplyPath.destination(for: route, forceRport: self.forceRport, toVia: self.toVia)
    }

    /// Appends a reply to the request of `route` (RFC 3261 §8.2.6): what `MessageWriter.response` copies, then the
    /// headers and the body that the script asked for.
    ///
    /// To gets a tag when it has none and `code` is above 100. Record-Route is copied where the reply can make a
    /// dialog: 18x and 2xx. Nothing is allocated.
    /// - Parameters:
    ///   - code: 100 to 699.
    ///   - listsTargets: of a 3xx: the branches of the context become its Contact.
    ///   - detail: what that Contact tells of them beside URI and q.
    public func write(
        _ code: Int, _ reason: Span<UInt8>, for route: RouteContext, from origin: ReplyTags.Origin,
        listsTargets: Bool = true, detail: TargetDetail = [], into out: ByteBuffer
    ) {
        let headers = route.replyHeaders
        let own = headers.count
        let hasBody = route.replyBody.count > 0
        if hasBody, !route.replyBodyType.isEmpty {
            headers.append("Content-Type: ")
            headers.append(route.replyBodyType)
            headers.append("\r\n")
        }
        if listsTargets, code >= 300, code < 400 { route.appendTargets(detail, to: headers) }
        if self.addsWarning { route.appendWarning(to: headers) }
        // Behind the headers stands the tag, for as long as the reply is written.
        let end = headers.count
        if code > 100 { self.tags.write(origin, for: route.message, to: headers) }
        let span = headers.span
        let body = route.replyBody
        MessageWriter.response(
            to: route.message, code: code, reason: reason,
            toTag: code > 100 ? span.extracting(end..<span.count) : nil,
            extraHeaders: span.extracting(0..<end), serverHeader: self.serverHeader.span,
            contentType: ("" as StaticString).span, body: body.span,
            copyRecordRoute: code / 10 == 18 || code / 100 == 2,
            source: route.arrival.source,
            forceRport: self.forceRport || route.options.contains(.forceRport),
            isNamed: route.options.contains(.senderIsNamed), into: out
        )
        headers.truncate(to: own)
        route.completeReplyVia(in: out)
    }
}

extension ByteBuffer {
    /// Appends a q value given in thousandths: 500 is `0.5`, 1000 is `1`.
    public func append(quality: Int) {
        guard quality < 1000 else { return self.append(UInt8(ascii: "1")) }
        var rest = max(quality, 0)
        self.append(UInt8(ascii: "0"))
        guard rest > 0 else { return }
        self.append(UInt8(ascii: "."))
        var place = 100
        while rest > 0 {
            self.append(UInt8(ascii: "0") &+ UInt8(rest / place))
            rest %= place
            place /= 10
        }
    }
}
