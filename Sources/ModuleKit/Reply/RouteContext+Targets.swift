import Bytes
import SIPMessage

/// What the Contact of a redirection tells of a target beside its URI and q.
public struct TargetDetail: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Branch flags: `;flags=8`.
    public static let flags = TargetDetail(rawValue: 1)
    /// The path, as a Route that the URI asks for: `<sip:a@b?Route=%3csip:edge%3blr%3e>` (RFC 3261 §19.1.1).
    public static let path = TargetDetail(rawValue: 2)
}

extension RouteContext {
    /// Appends `Contact: <uri>;q=0.5, <uri>` with the changed Request-URI and the further branches; nothing when there
    /// are none.
    public func appendTargets(_ detail: TargetDetail = [], to buffer: ByteBuffer) {
        var isFirst = true
        if !self.isTargetConsumed, let uri = self.target.uri {
            Self.append(uri, self.target, detail, isFirst: &isFirst, to: buffer)
        }
        for branch in self.branches {
            guard let uri = branch.uri else { continue }
            Self.append(uri, branch, detail, isFirst: &isFirst, to: buffer)
        }
        if !isFirst { buffer.append("\r\n") }
    }

    private static func append(
        _ uri: ByteString, _ target: BranchTarget, _ detail: TargetDetail, isFirst: inout Bool, to buffer: ByteBuffer
    ) {
        buffer.append(isFirst ? "Contact: <" : ", <")
        buffer.append(uri)
        if detail.contains(.path), !target.path.isEmpty {
            buffer.append(uri.bytes.contains(UInt8(ascii: "?")) ? "&Route=" : "?Route=")
            for byte in target.path.bytes { buffer.append(headerEscaped: byte) }
        }
        buffer.append(UInt8(ascii: ">"))
        if target.q >= 0 {
            buffer.append(";q=")
            buffer.append(quality: target.q)
        }
        if detail.contains(.flags) {
            buffer.append(";flags=")
            buffer.append(decimal: Int(target.flags))
        }
        isFirst = false
    }
}

extension ByteBuffer {
    /// Appends a byte of a header value in a URI, escaped where it has to be (`hnv-unreserved` of RFC 3261 §25.1).
    public func append(headerEscaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "~"),
            UInt8(ascii: "*"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "+"),
            UInt8(ascii: "$"):
            self.append(byte)
        default:
            self.append(UInt8(ascii: "%"))
            self.append(hex: UInt64(byte), digits: 2)
        }
    }
}
