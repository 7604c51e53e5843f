import Bytes

/// Short names in lower case as words, first byte lowest, to compare with `Span.lowercasedWord`.
///
/// Written out as numbers because a switch wants constants; a test compares each with its text.
enum Word {
    static var branch: UInt64 { 0x68636e617262 }
    static var received: UInt64 { 0x6465766965636572 }
    static var rport: UInt64 { 0x74726f7072 }
    static var maddr: UInt64 { 0x726464616d }
    static var ttl: UInt64 { 0x6c7474 }
    static var alias: UInt64 { 0x7361696c61 }
    static var i: UInt64 { 0x69 }
    static var tag: UInt64 { 0x676174 }
    static var q: UInt64 { 0x71 }
    static var expires: UInt64 { 0x73657269707865 }
    static var lr: UInt64 { 0x726c }
    static var user: UInt64 { 0x72657375 }
    static var method: UInt64 { 0x646f6874656d }
    static var gr: UInt64 { 0x7267 }
    static var ob: UInt64 { 0x626f }
    static var r2: UInt64 { 0x3272 }
    static var udp: UInt64 { 0x706475 }
    static var tcp: UInt64 { 0x706374 }
    static var tls: UInt64 { 0x736c74 }
    static var sctp: UInt64 { 0x70746373 }
    static var ws: UInt64 { 0x7377 }
    static var wss: UInt64 { 0x737377 }
    static var sip: UInt64 { 0x706973 }
    static var sips: UInt64 { 0x73706973 }
    static var tel: UInt64 { 0x6c6574 }
    static var tels: UInt64 { 0x736c6574 }
    static var urn: UInt64 { 0x6e7275 }
    static var http: UInt64 { 0x70747468 }
    static var https: UInt64 { 0x7370747468 }

    /// Every word beside its text.
    static var all: [(StaticString, UInt64)] {
        [
            ("branch", Self.branch),
            ("received", Self.received),
            ("rport", Self.rport),
            ("maddr", Self.maddr),
            ("ttl", Self.ttl),
            ("alias", Self.alias),
            ("i", Self.i),
            ("tag", Self.tag),
            ("q", Self.q),
            ("expires", Self.expires),
            ("lr", Self.lr),
            ("user", Self.user),
            ("method", Self.method),
            ("gr", Self.gr),
            ("ob", Self.ob),
            ("r2", Self.r2),
            ("udp", Self.udp),
            ("tcp", Self.tcp),
            ("tls", Self.tls),
            ("sctp", Self.sctp),
            ("ws", Self.ws),
            ("wss", Self.wss),
            ("sip", Self.sip),
            ("sips", Self.sips),
            ("tel", Self.tel),
            ("tels", Self.tels),
            ("urn", Self.urn),
            ("http", Self.http),
            ("https", Self.https),
        ]
    }

    /// Whether the name is `transport`, in any case: it is a byte too long for one word.
    @inline(__always)
    static func isTransport(_ span: Span<UInt8>, _ name: ByteRange) -> Bool {
        name.length == 9 && span.word(at: name.lower).lowercasedBytes == 0x726f_7073_6e61_7274  // "transpor"
            && span[name.lower &+ 8].lowercased == 0x74
    }
}
