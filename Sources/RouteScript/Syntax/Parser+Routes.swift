extension Parser {
    func parseRouteBlock(_ word: String) -> RouteBlock? {
        let start = self.current.range
        self.advance()
        var name: Name?
        if self.consume(.leftBracket) {
            guard let parsed = self.parseRouteName(word) else { return nil }
            name = parsed
            self.expect(.rightBracket, "after the name of the route")
        }
        let head = start.through(self.previousRange)
        guard let kind = self.routeKind(word, name, at: head) else {
            _ = self.parseRouteBody()
            return nil
        }
        let text = kind == .onSend ? "0" : name?.text ?? "0"
        self.noteRoute(kind, text, at: head)
        guard self.isSymbol(.leftBrace) else {
            self.error(.expectedToken, "expected '{' after '\(word)', found \(self.describe(self.current))")
            return nil
        }
        let body = self.parseRouteBody()
        return RouteBlock(
            kind: kind, name: text, nameRange: name?.range ?? start, body: body, headRange: head,
            range: start.through(self.previousRange)
        )
    }

    /// Reads the body of a block of unknown kind for its errors.
    func parseUnknownRouteBody() {
        self.advance()
        if self.consume(.leftBracket) {
            while !self.isAtEnd, !self.isSymbol(.rightBracket), !self.isSymbol(.leftBrace) { self.advance() }
            _ = self.consume(.rightBracket)
        }
        if self.isSymbol(.leftBrace) { _ = self.parseRouteBody() }
    }

    private func parseRouteBody() -> [Statement] {
        guard self.isSymbol(.leftBrace) else { return [] }
        return self.parseBlock(of: "this route block")
    }

    private func routeKind(_ word: String, _ name: Name?, at head: SourceRange) -> RouteKind? {
        let isMain = name == nil || name?.text == "0"
        switch word {
        case "route": return isMain ? .request : .route
        case "onreply_route": return isMain ? .reply : .onReply
        case "failure_route": return .failure
        case "branch_route": return .branch
        case "request_route", "reply_route", "onsend_route":
            guard let name, name.text != "0", word != "onsend_route" else {
                return word == "request_route" ? .request : word == "reply_route" ? .reply : .onSend
            }
            let other = word == "request_route" ? "route" : word == "reply_route" ? "onreply_route" : nil
            self.error(
                .badRouteName, "'\(word)' has no name", at: name.range,
                suggestion: other.map { "write '\($0)[\(name.text)]'" }
            )
            return nil
        default:
            guard name != nil else {
                self.error(
                    .badRouteName, "an event route needs the name of its event", at: head,
                    suggestion: "write 'event_route[module:event]'"
                )
                return nil
            }
            return .event
        }
    }

    private func noteRoute(_ kind: RouteKind, _ name: String, at head: SourceRange) {
        let key = "\(kind.rawValue)[\(name)]"
        guard let first = self.routes[key] else {
            self.routes[key] = head
            return
        }
        let notes: [Diagnostic.Note] = [.init("the first definition", at: first)]
        if kind == .request || kind == .reply || kind == .onSend {
            self.diagnostics.warning(
                .continuedRoute, "'\(kind.rawValue)' is written twice: this part is run after the first one", at: head,
                notes: notes
            )
        } else {
            self.error(.duplicateRoute, "'\(key)' is defined twice", at: head, notes: notes)
        }
    }

    private func parseRouteName(_ word: String) -> Name? {
        let first = self.current
        guard let name = self.parseAnyName() else {
            self.skipToBody()
            return nil
        }
        if word == "event_route" {
            let parts = name.text.split(separator: ":", omittingEmptySubsequences: false)
            if parts.count < 2 || parts.contains("") {
                self.error(
                    .badRouteName, "'\(name.text)' is no name of an event: write module:event", at: name.range
                )
            }
            return name
        }
        if !self.isSymbol(.rightBracket) {
            self.error(
                .badRouteName, "the name of a route is a number, a word of letters, digits and '_', or a string",
                at: first.range.through(self.current.range), suggestion: "put the name in double quotes"
            )
            while !self.isAtEnd, !self.isSymbol(.rightBracket), !self.isSymbol(.leftBrace) { self.advance() }
        }
        return name
    }

    private func skipToBody() {
        while !self.isAtEnd, !self.isSymbol(.leftBrace), !self.current.startsLine { self.advance() }
        if self.isSymbol(.leftBrace) { _ = self.parseRouteBody() }
    }

    /// `{ statements }`, at least one; an empty one is reported.
    func parseBlock(of what: String) -> [Statement] {
        let open = self.current.range
        guard self.expect(.leftBrace, "at the start of \(what)") else { return [] }
        var statements: [Statement] = []
        let errors = self.diagnostics.errorCount
        self.nested(()) {
            while !self.isAtEnd, !self.isSymbol(.rightBrace), !self.isUnwinding {
                if self.isAtRouteHead { break }
                let before = self.index
                statements.append(self.parseStatement())
                if self.index == before { self.advance() }
            }
        }
        if self.isUnwinding { return statements }
        if self.depth >= Self.depthLimit, !self.isSymbol(.rightBrace) {
            self.isUnwinding = true
            return statements
        }
        guard self.isSymbol(.rightBrace) else {
            self.isUnwinding = true
            self.diagnostics.error(
                .unclosedBlock, "\(what) has no '}'", at: open,
                notes: self.isAtEnd ? [] : [.init("the next route begins here", at: self.current.range)]
            )
            return statements
        }
        self.advance()
        if statements.isEmpty, self.diagnostics.errorCount == errors {
            self.diagnostics.error(
                .emptyBody, "\(what) is empty", at: open.through(self.previousRange),
                suggestion: "a single ';' is a statement that does nothing"
            )
        }
        return statements
    }
}
