import SIPMessage

extension Parser {
    func parseListen() -> ListenStatement? {
        let start = self.current.range
        self.advance()
        guard self.expect(.assign, "after 'listen'") else { return nil }
        var items: [SocketSpecification] = []
        repeat {
            guard var item = self.parseSocket(allowsPortRange: false) else { return nil }
            self.parseListenSuffixes(&item)
            for host in item.hosts where host.kind == .name { self.checkQuoted(host) }
            if item.transport == .ws || item.transport == .wss {
                self.error(
                    .badSocket, "there are no sockets of '\(item.transport == .ws ? "ws" : "wss")'", at: item.range,
                    suggestion: "WebSocket connections come in over '\(item.transport == .ws ? "tcp" : "tls")' sockets"
                )
            }
            items.append(item)
        } while self.isAtSocketItem
        return ListenStatement(items: items, range: start.through(self.previousRange))
    }

    func parseAlias() -> AliasStatement? {
        let start = self.current.range
        let word = self.word() ?? "alias"
        self.advance()
        guard self.expect(.assign, "after '\(word)'") else { return nil }
        var items: [SocketSpecification] = []
        repeat {
            guard let item = self.parseSocket(allowsPortRange: false) else { return nil }
            items.append(item)
        } while self.isAtSocketItem
        return AliasStatement(items: items, range: start.through(self.previousRange))
    }

    /// A quoted host is taken whole, so a protocol or port inside of the quotes is a mistake.
    private func checkQuoted(_ host: HostLiteral) {
        guard host.text.contains(":") else { return }
        self.error(
            .badSocket, "'\(host.text)' is no host name: quotes may hold only a host", at: host.range,
            suggestion: "write \(host.text) without quotes"
        )
    }

    /// Whether another item follows in a list, as opposed to the next statement.
    private var isAtSocketItem: Bool {
        switch self.current.kind {
        case .string, .ipv6, .integer, .numberWord, .symbol(.star), .symbol(.leftParen), .symbol(.leftBracket):
            return true
        case .word(let word):
            if Keywords.transports.contains(word) { return self.isSymbol(.colon, at: 1) }
            if Keywords.topLevel.contains(word) || Keywords.all.contains(word) { return false }
            // A custom parameter looks like a host name until its '='.
            var distance = 1
            while self.isSymbol(.dot, at: distance) || self.isSymbol(.minus, at: distance) { distance += 2 }
            return !self.isSymbol(.assign, at: distance) && !self.isSymbol(.leftBracket, at: distance)
                && !self.isSymbol(.leftParen, at: distance) && !self.isSymbol(.leftBrace, at: distance)
        default: return false
        }
    }

    private func parseListenSuffixes(_ item: inout SocketSpecification) {
        if self.isWord("advertise") {
            self.advance()
            item.advertise = self.parseAdvertised()
        }
        if self.isWord("name"), case .string(let literal) = self.peek(1).kind {
            self.advance()
            self.advance()
            item.name = literal
        }
        if self.isWord("virtual"), !self.isSymbol(.assign, at: 1) {
            self.advance()
            item.isVirtual = true
        }
        item.range = item.range.through(self.previousRange)
    }

    func parseAdvertised() -> AdvertisedAddress? {
        guard let address = self.parseSocket(allowsPortRange: false) else { return nil }
        guard let host = address.hosts.first, address.hosts.count == 1 else {
            self.error(.badSocket, "expected one address or host name to advertise", at: address.range)
            return nil
        }
        var port: UInt16 = 0
        if case .number(let number) = address.port { port = number }
        return AdvertisedAddress(transport: address.transport, host: host, port: port, range: address.range)
    }

    /// `[proto:]host[:port]`
    func parseSocket(allowsPortRange: Bool) -> SocketSpecification? {
        let start = self.current.range
        var transport: TransportProtocol?
        if self.isSymbol(.colon, at: 1) {
            if let word = self.word(), let known = TransportProtocol(scriptWord: word) {
                transport = known
                self.advance()
                self.advance()
            } else if self.isSymbol(.star), !self.isPort(at: 2) {
                self.advance()
                self.advance()
            }
        }
        var hosts: [HostLiteral] = []
        if self.consume(.leftParen) {
            repeat {
                guard let host = self.parseHost() else { return nil }
                hosts.append(host)
            } while self.consume(.comma)
            self.expect(.rightParen, "after the addresses")
        } else {
            guard let host = self.parseHost() else { return nil }
            hosts.append(host)
        }
        var port = PortSpecification.standard
        if self.isSymbol(.colon) {
            self.advance()
            guard let parsed = self.parsePort(allowsRange: allowsPortRange) else { return nil }
            port = parsed
        }
        return SocketSpecification(
            transport: transport, hosts: hosts, port: port, advertise: nil, name: nil, isVirtual: false,
            range: start.through(self.previousRange)
        )
    }

    /// Whether what stands there can only be a port, as in `*:5060`.
    private func isPort(at distance: Int) -> Bool {
        guard case .integer = self.peek(distance).kind else { return false }
        return !self.isSymbol(.dot, at: distance + 1)
    }

    private func parsePort(allowsRange: Bool) -> PortSpecification? {
        if self.consume(.star) { return .any }
        guard let first = self.parsePortNumber() else { return nil }
        guard self.isSymbol(.minus) else { return .number(first) }
        guard allowsRange else {
            self.error(.badPort, "ranges of ports are possible only in 'socket = { … }'")
            return nil
        }
        self.advance()
        guard let last = self.parsePortNumber() else { return nil }
        guard first <= last else {
            self.error(.badPort, "the range of ports ends before it begins", at: self.previousRange)
            return nil
        }
        return .range(first, last)
    }

    private func parsePortNumber() -> UInt16? {
        guard case .integer(let value) = self.current.kind else {
            self.error(.badPort, "expected a port, found \(self.describe(self.current))")
            return nil
        }
        guard let port = UInt16(exactly: value) else {
            self.error(.badPort, "ports go from 0 to 65535")
            self.advance()
            return nil
        }
        self.advance()
        return port
    }

    /// An address, a name or a quoted host.
    func parseHost() -> HostLiteral? {
        let start = self.current.range
        switch self.current.kind {
        case .symbol(.star):
            self.error(
                .badSocket, "'*' is no address", suggestion: "without 'listen', all IPv4 addresses are listened on"
            )
            return nil
        case .string(let literal):
            self.advance()
            return Self.host(literal.text, at: start)
        case .ipv6(let text):
            self.advance()
            return Self.host(text, at: start)
        case .symbol(.leftBracket):
            self.advance()
            guard case .ipv6(let text) = self.current.kind else {
                self.error(.badSocket, "expected an IPv6 address after '['")
                return nil
            }
            self.advance()
            self.expect(.rightBracket, "after the IPv6 address")
            return Self.host(text, at: start.through(self.previousRange))
        case .word, .integer, .numberWord: return self.parseUnquotedHost()
        default:
            self.error(.badSocket, "expected an address or a host name, found \(self.describe(self.current))")
            return nil
        }
    }

    private func parseUnquotedHost() -> HostLiteral? {
        let start = self.current.range
        var text = self.raw(self.current)
        self.advance()
        while self.isSymbol(.dot) || self.isSymbol(.minus), !self.current.hasSpaceBefore, !self.peek(1).hasSpaceBefore {
            switch self.peek(1).kind {
            case .word, .integer, .numberWord:
                text += self.raw(self.current) + self.raw(self.peek(1))
                self.advance()
                self.advance()
            default:
                self.error(.badSocket, "this host name ends with '\(self.raw(self.current))'")
                return nil
            }
        }
        let host = Self.host(text, at: start.through(self.previousRange))
        if host.kind == .name, text.utf8.allSatisfy({ $0.isDecimalDigit || $0 == UInt8(ascii: ".") }) {
            self.error(
                .badSocket, "'\(text)' is no IPv4 address: four numbers from 0 to 255 with dots between them",
                at: host.range
            )
            return nil
        }
        return host
    }

    private static func host(_ text: String, at range: SourceRange) -> HostLiteral {
        if let address = IPAddress(text) { return HostLiteral(text: text, kind: .address(address), range: range) }
        return HostLiteral(text: text, kind: .name, range: range)
    }
}

extension TransportProtocol {
    /// The word of the script for a protocol, in either case.
    init?(scriptWord word: String) {
        switch word {
        case "udp", "UDP": self = .udp
        case "tcp", "TCP": self = .tcp
        case "tls", "TLS": self = .tls
        case "sctp", "SCTP": self = .sctp
        case "ws", "WS": self = .ws
        case "wss", "WSS": self = .wss
        default: return nil
        }
    }
}
