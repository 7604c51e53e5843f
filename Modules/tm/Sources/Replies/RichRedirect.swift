import Bytes
import ModuleKit
import SIPMessage

/// What a 3xx tells of its contacts beside URI and q (`rich_redirect`): 1 branch flags, 2 the path as a Route that the
/// redirected request is to carry (RFC 3261 §19.1.1, URI headers).
struct RichRedirect: OptionSet {
    let rawValue: Int
    static let flags = RichRedirect(rawValue: 1)
    static let path = RichRedirect(rawValue: 2)

    /// Appends `Contact: <uri?Route=…>;q=0.5;flags=9` for the changed Request-URI and the further branches.
    func writeTargets(of route: RouteContext, to buffer: ByteBuffer) {
        var isFirst = true
        if !route.isTargetConsumed, route.target.uri != nil { self.write(route.target, &isFirst, to: buffer) }
        for branch in route.branches { self.write(branch, &isFirst, to: buffer) }
        if !isFirst { buffer.append("\r\n") }
    }

    private func write(_ target: BranchTarget, _ isFirst: inout Bool, to buffer: ByteBuffer) {
        guard let uri = target.uri else { return }
        buffer.append(isFirst ? "Contact: <" : ", <")
        buffer.append(uri)
        if self.contains(.path), !target.path.isEmpty {
            buffer.append(uri.bytes.contains(UInt8(ascii: "?")) ? "&Route=" : "?Route=")
            Self.escape(target.path, to: buffer)
        }
        buffer.append(UInt8(ascii: ">"))
        if target.q >= 0 {
            buffer.append(";q=")
            buffer.append(quality: target.q)
        }
        if self.contains(.flags), target.flags != 0 {
            buffer.append(";flags=")
            buffer.append(decimal: Int(target.flags))
        }
        isFirst = false
    }

    /// What cannot stand in a URI header's value, in hexadecimal.
    private static func escape(_ text: ByteString, to buffer: ByteBuffer) {
        for byte in text.bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "!"), UInt8(ascii: "~"), UInt8(ascii: "*"), UInt8(ascii: "'"), UInt8(ascii: "("),
                UInt8(ascii: ")"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "/"),
                UInt8(ascii: "+"), UInt8(ascii: "$"):
                buffer.append(byte)
            default:
                buffer.append(UInt8(ascii: "%"))
                buffer.append(hex: UInt64(byte), digits: 2)
            }
        }
    }
}
