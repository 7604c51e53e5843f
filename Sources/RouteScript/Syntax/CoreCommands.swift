/// The words of the core's commands: how they are spelled and what they take.
public enum CoreCommands {
    public struct Entry: Sendable {
        public let command: CoreCommand
        public let aliases: [String]
        /// How many arguments the command takes.
        public let arity: ClosedRange<Int>
        /// `force_rport;` does as well as `force_rport();`.
        public let mayOmitParentheses: Bool
        /// Arguments may be bare words: flag names, protocols, `uri:host`, hosts.
        public let takesWords: Bool
        /// The argument is `[proto:]host[:port]`.
        public let takesSocket: Bool

        init(
            _ command: CoreCommand, aliases: [String] = [], _ arity: ClosedRange<Int>, bare: Bool = false,
            words: Bool = false, socket: Bool = false
        ) {
            self.command = command
            self.aliases = aliases
            self.arity = arity
            self.mayOmitParentheses = bare
            self.takesWords = words
            self.takesSocket = socket
        }
    }

    public static let all: [Entry] = [
        Entry(.forceRport, aliases: ["add_rport"], 0...0, bare: true),
        Entry(.addLocalRport, 0...0, bare: true),
        Entry(.setForwardNoConnect, 0...0, bare: true),
        Entry(.setForwardClose, 0...0, bare: true),
        Entry(.setReplyNoConnect, 0...0, bare: true),
        Entry(.setReplyClose, 0...0, bare: true),
        Entry(.forceTCPAlias, aliases: ["add_tcp_alias"], 0...1, bare: true),
        Entry(.setFlag, 1...1, words: true),
        Entry(.resetFlag, 1...1, words: true),
        Entry(.isFlagSet, 1...1, words: true),
        Entry(.setAVPFlag, 2...2, words: true),
        Entry(.resetAVPFlag, 2...2, words: true),
        Entry(.isAVPFlagSet, 2...2, words: true),
        Entry(.rewriteURI, aliases: ["seturi"], 1...1),
        Entry(.rewriteHost, aliases: ["sethost", "seth"], 1...1),
        Entry(.rewriteHostPort, aliases: ["sethostport", "sethp"], 1...1),
        Entry(.rewriteHostPortTransport, aliases: ["sethostporttrans", "sethpt"], 1...1),
        Entry(.rewriteUser, aliases: ["setuser", "setu"], 1...1),
        Entry(.rewriteUserPassword, aliases: ["setuserpass", "setup"], 1...1),
        Entry(.rewritePort, aliases: ["setport", "setp"], 1...1),
        Entry(.revertURI, 0...0, bare: true),
        Entry(.prefix, 1...1),
        Entry(.strip, 1...1),
        Entry(.stripTail, 1...1),
        Entry(.userPhone, 0...0),
        Entry(.removeBranch, 0...1),
        Entry(.clearBranches, 0...0),
        Entry(.forward, 0...2, words: true),
        Entry(.forwardUDP, 1...2, words: true),
        Entry(.forwardTCP, 1...2, words: true),
        Entry(.forwardTLS, 1...2, words: true),
        Entry(.forwardSCTP, 1...2, words: true),
        Entry(.forceSendSocket, 1...1, socket: true),
        Entry(.setAdvertisedAddress, 1...1, words: true),
        Entry(.setAdvertisedPort, 1...1, words: true),
        Entry(.udpMTUTryProto, 1...1, words: true),
        Entry(.log, 1...2),
        Entry(.error, 2...2),
        Entry(.exec, 1...1),
        Entry(.configSelect, 2...2, words: true),
        Entry(.configReset, 1...2, words: true),
    ]

    private static let byName: [String: Entry] = {
        var result: [String: Entry] = [:]
        for entry in Self.all {
            for name in [entry.command.rawValue] + entry.aliases { result[name] = entry }
        }
        return result
    }()

    /// The command that a name or alias stands for.
    public static func entry(named name: String) -> Entry? { Self.byName[name] }

    /// Every name and alias.
    public static var names: some Sequence<String> { Self.byName.keys }
}
