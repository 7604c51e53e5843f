extension Parser {
    /// `socket = { bind = …; … }`
    func parseSocketBlock() -> SocketBlock? {
        let start = self.current.range
        self.advance()
        guard self.expect(.assign, "after 'socket'"), self.expect(.leftBrace, "after 'socket ='") else { return nil }
        var block = SocketBlock(bind: nil, asyncGroup: nil, workers: nil, vrf: nil, range: start)
        var advertise: AdvertisedAddress?
        var name: StringLiteral?
        var isVirtual = false
        while !self.isAtEnd, !self.isSymbol(.rightBrace) {
            if self.consume(.semicolon) { continue }
            guard let field = self.word() else {
                self.error(.badSocket, "expected 'bind', 'advertise', 'name' or another part of a socket")
                return nil
            }
            let place = self.current.range
            self.advance()
            guard self.expect(.assign, "after '\(field)'") else { return nil }
            switch field {
            case "bind": block.bind = self.parseSocket(allowsPortRange: true)
            case "advertise": advertise = self.parseAdvertised()
            case "name": name = self.parseSocketString(field)
            case "agname": block.asyncGroup = self.parseSocketString(field)
            case "vrf": block.vrf = self.parseSocketString(field)
            case "workers": block.workers = self.parseInteger("'workers'")
            case "virtual": isVirtual = (self.parseInteger("'virtual'") ?? 0) != 0
            default:
                let fields = ["bind", "advertise", "name", "agname", "workers", "virtual", "vrf"]
                self.error(
                    .badSocket, "a socket has no '\(field)'", at: place,
                    suggestion: self.nearestName(field, in: fields).map { "did you mean '\($0)'?" }
                )
                return nil
            }
        }
        guard self.expect(.rightBrace, "at the end of the socket") else { return nil }
        block.range = start.through(self.previousRange)
        guard block.bind != nil else {
            self.error(.badSocket, "this socket has no valid 'bind'", at: start)
            return block
        }
        block.bind?.advertise = advertise
        block.bind?.name = name
        block.bind?.isVirtual = isVirtual
        return block
    }

    private func parseSocketString(_ field: String) -> StringLiteral? {
        guard case .string(let literal) = self.current.kind else {
            self.error(.badSocket, "expected a string in double quotes for '\(field)'")
            return nil
        }
        self.advance()
        return literal
    }
}
