extension RouteContext {
    /// What the script asked the transport for.
    public struct Options: OptionSet, Sendable, BitwiseCopyable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// `force_rport()`: replies go to the source port (RFC 3581).
        public static let forceRport = Options(rawValue: 1)
        /// `add_local_rport()`.
        public static let addLocalRport = Options(rawValue: 2)
        public static let replyNoConnect = Options(rawValue: 4)
        public static let replyClose = Options(rawValue: 8)
        public static let forwardNoConnect = Options(rawValue: 16)
        public static let forwardClose = Options(rawValue: 32)
        /// `via_add_srvid(1)`: our Via says which server it is.
        public static let addServerID = Options(rawValue: 1 << 15)
        /// `via_add_xavp_params(1)`: the fields of an `$xavp` become parameters of our Via.
        public static let addViaParameters = Options(rawValue: 1 << 14)
        /// `via_use_xavp_fields(1)`: an `$xavp` has the address for our Via.
        public static let useViaFields = Options(rawValue: 1 << 13)
        /// The host in the top Via has been found to be a name of the sender (`dns`, `rev_dns`).
        public static let senderIsNamed = Options(rawValue: 512)
        /// `tcp_set_otcpid_flag(1)`: the request goes over the connection in `ChosenConnection`.
        public static let usesChosenConnection = Options(rawValue: 1024)
        /// `via_reply_add_xavp_params(1)`: the fields of an `$xavp` become parameters of the top Via of replies.
        public static let addReplyViaParameters = Options(rawValue: 256)
        /// A final reply was sent for the request, with or without a transaction.
        public static let hasReplied = Options(rawValue: 128)
        /// The message was built by the server itself, not received.
        public static let isLocal = Options(rawValue: 64)
    }
}
