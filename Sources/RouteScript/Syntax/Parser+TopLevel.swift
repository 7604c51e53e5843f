extension Parser {
    func parseFile() -> ConfigurationFile {
        var statements: [TopLevelStatement] = []
        while !self.isAtEnd {
            let before = self.index
            if self.consume(.semicolon) { continue }
            let errors = self.diagnostics.errorCount
            self.isUnwinding = false
            self.depth = 0
            self.argumentDepth = 0
            let statement = self.parseTopLevel()
            if let statement, !self.continueRoute(statement, in: &statements) { statements.append(statement) }
            if statement == nil || self.diagnostics.errorCount > errors {
                if self.index == before || !self.isAtTopLevelStatement && !self.isAtRouteHead {
                    self.recoverAtTopLevelIfNeeded(from: before)
                }
            }
        }
        return ConfigurationFile(statements: statements)
    }

    /// Adds a further part of a main route block to the first part.
    private func continueRoute(_ statement: TopLevelStatement, in statements: inout [TopLevelStatement]) -> Bool {
        guard case .route(let part) = statement, [.request, .reply, .onSend].contains(part.kind) else { return false }
        guard let index = self.mainRoutes[part.kind], case .route(var first) = statements[index] else {
            self.mainRoutes[part.kind] = statements.count
            return false
        }
        // The body is held once only, so that adding to it does not copy it.
        statements[index] = .route(part)
        first.body += part.body
        statements[index] = .route(first)
        return true
    }

    /// Leaves the position if a good one was reached; the next statement may stand on the line of the broken one.
    private func recoverAtTopLevelIfNeeded(from before: Int) {
        if self.index > before, !self.isUnwinding, self.isSymbol(.semicolon) || self.isAtEnd { return }
        self.recoverAtTopLevel()
    }

    private func parseTopLevel() -> TopLevelStatement? {
        guard case .word(let word) = self.current.kind else {
            self.reportStrayToken()
            return nil
        }
        switch word {
        case "route" where !self.isSymbol(.assign, at: 1),
            "request_route", "reply_route", "onreply_route", "failure_route", "branch_route", "onsend_route",
            "event_route":
            return self.parseRouteBlock(word).map { .route($0) }
        case "loadmodule", "loadmodulex": return self.parseLoadModule(word).map { .loadModule($0) }
        case "loadpath", "mpath": return self.parseLoadPath().map { .loadPath($0) }
        case "modparam", "modparamx": return self.parseModuleParameter(word).map { .moduleParameter($0) }
        case "cfgengine": return self.parseEngine().map { .engine($0) }
        case "flags", "bool": return self.parseFlags(.message).map { .flags($0) }
        case "avpflags": return self.parseFlags(.attribute).map { .flags($0) }
        case "listen": return self.parseListen().map { .listen($0) }
        case "alias", "domain": return self.parseAlias().map { .alias($0) }
        case "socket" where self.isSymbol(.leftBrace, at: 2): return self.parseSocketBlock().map { .socket($0) }
        default: return self.parseParameterOrOther(word)
        }
    }

    private func parseParameterOrOther(_ word: String) -> TopLevelStatement? {
        if self.isSymbol(.dot, at: 1) {
            if let name = self.word(at: 2), CoreParameters.parameter(named: word + "." + name) != nil {
                return self.parseGlobalParameter(dotted: true).map { .parameter($0) }
            }
            return self.parseCustomParameter().map { .customParameter($0) }
        }
        if self.isSymbol(.leftBracket, at: 1), word != "coreparam", !word.hasSuffix("_route") {
            return self.parseCustomParameter().map { .customParameter($0) }
        }
        if self.isSymbol(.assign, at: 1) || CoreParameters.parameter(named: word) != nil {
            return self.parseGlobalParameter(dotted: false).map { .parameter($0) }
        }
        self.reportUnknownTopLevel(word)
        return nil
    }

    private func reportStrayToken() {
        if self.isSymbol(.rightBrace) {
            self.error(.expectedStatement, "this '}' closes nothing")
        } else if case .variable = self.current.kind {
            self.error(
                .expectedStatement, "variables can be set only inside of route blocks",
                suggestion: "initialise it in event_route[htable:mod-init] or at the start of request_route"
            )
        } else {
            self.error(
                .expectedStatement,
                "expected a parameter, 'loadmodule', 'modparam' or a route block, found "
                    + self.describe(self.current)
            )
        }
    }

    private func reportUnknownTopLevel(_ word: String) {
        if word.hasSuffix("_route"), self.isSymbol(.leftBracket, at: 1) || self.isSymbol(.leftBrace, at: 1) {
            let suggestion =
                word == "local_route"
                ? "write 'event_route[tm:local-request]'"
                : self.nearestName(word, in: Array(Keywords.routeBlocks)).map { "did you mean '\($0)'?" }
            self.error(.unknownRouteKind, "there is no '\(word)'", suggestion: suggestion)
            self.parseUnknownRouteBody()
            return
        }
        if self.isSymbol(.leftParen, at: 1), CoreCommands.entry(named: word) != nil || nearestTopLevel(word) == nil {
            self.error(.expectedStatement, "'\(word)(…)' can be called only inside of route blocks")
            return
        }
        let meant = self.nearestTopLevel(word)
        self.error(
            .unknownParameter, "'\(word)' is no statement of the top level",
            suggestion: meant.map { "did you mean '\($0)'?" }
        )
    }

    func nearestTopLevel(_ word: String) -> String? {
        self.nearestName(word, in: Array(Keywords.topLevel) + Array(CoreParameters.names))
    }
}
