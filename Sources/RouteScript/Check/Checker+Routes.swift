import ModuleKit

extension Checker {
    /// The call graph of the route blocks.
    private struct Graph {
        /// For each block: what it calls at once, with the place of the call.
        var calls: [[(block: Int, range: SourceRange)]]
        /// Blocks that something outside of them may run, or that are run later by name.
        var roots: Set<Int>
    }

    mutating func checkRoutes() {
        let graph = self.graph()
        // Calls may have been lost with what could not be read, or be misspelled.
        if self.isComplete { self.checkUnused(graph) }
        let calls = Dictionary(grouping: self.facts.calls, by: \.block)
        var visits = 0
        for index in self.blocks.indices { self.checkCallees(of: index, graph, calls, &visits) }
    }

    /// Blocks looked at on the way from all reply and sending blocks: a bound for generated files.
    private static let visitLimit = 100_000

    private func graph() -> Graph {
        var graph = Graph(calls: Array(repeating: [], count: self.blocks.count), roots: [])
        var byName: [String: [RouteKinds: Int]] = [:]
        for (index, block) in self.blocks.enumerated() {
            // Of several with one name, which is an error, the first.
            if byName[block.name]?[block.kind.kinds] == nil {
                byName[block.name, default: [:]][block.kind.kinds] = index
            }
            switch block.kind {
            case .request, .reply, .onSend, .event: graph.roots.insert(index)
            case .route, .onReply, .failure, .branch: if self.isMentioned(block.name) { graph.roots.insert(index) }
            }
        }
        var prefixes: Set<String> = []
        for fact in self.facts.routeCalls {
            switch fact.target {
            case .name(let name):
                guard let target = byName[name]?[fact.kinds], fact.block < graph.calls.count else { continue }
                graph.calls[fact.block].append((target, fact.range))
            case .prefix(let prefix): prefixes.insert(prefix)
            }
        }
        // Whichever a computed name may mean counts as called; of very many prefixes, all do.
        if prefixes.count > 100 { prefixes = [""] }
        for (index, block) in self.blocks.enumerated()
        where block.kind == .route && prefixes.contains(where: { block.name.hasPrefix($0) }) {
            graph.roots.insert(index)
        }
        return graph
    }

    private func isMentioned(_ name: String) -> Bool { self.facts.mentionedWords[name] != nil }

    private mutating func checkUnused(_ graph: Graph) {
        var reached = graph.roots
        var open = Array(graph.roots)
        while let block = open.popLast() {
            for call in graph.calls[block] where reached.insert(call.block).inserted { open.append(call.block) }
        }
        let called = Set(graph.calls.enumerated().flatMap { index, calls in calls.map(\.block).filter { $0 != index } })
        for (index, block) in self.blocks.enumerated() where !reached.contains(index) {
            let name = "\(block.kind.rawValue)[\(block.name)]"
            let message =
                called.contains(index)
                ? "\(name) is called only by routes that are never called"
                : block.kind == .route ? "\(name) is never called" : "\(name) is never armed: nothing names it"
            self.diagnostics.warning(.unusedRoute, message, at: block.headRange)
        }
    }

    // MARK: Functions that cannot work where their route is called from

    /// Walks what a reply or sending block calls. In a `route[…]` functions are checked as for requests, so one that
    /// needs a request passes the compiler and fails when it runs.
    private mutating func checkCallees(
        of root: Int, _ graph: Graph, _ calls: [Int: [ScriptFacts.CallFact]], _ visits: inout Int
    ) {
        let kinds = self.blocks[root].kind.kinds
        guard kinds == .reply || kinds == .transactionReply || kinds == .onsend else { return }
        var paths: [Int: [SourceRange]] = [root: []]
        var open = [root]
        var position = 0
        while position < open.count, visits < Self.visitLimit {
            let block = open[position]
            position += 1
            visits += 1
            // A block that asks what it runs for knows what it does.
            if block != root {
                if self.facts.guardedBlocks.contains(block) { continue }
                self.check(calls[block] ?? [], in: block, kinds, root, paths[block] ?? [])
            }
            let path = paths[block] ?? []
            // A longer way helps nobody.
            guard path.count < 32 else { continue }
            for call in graph.calls[block] where paths[call.block] == nil && self.blocks[call.block].kind == .route {
                paths[call.block] = path + [call.range]
                open.append(call.block)
            }
        }
    }

    private mutating func check(
        _ calls: [ScriptFacts.CallFact], in block: Int, _ kinds: RouteKinds, _ root: Int, _ path: [SourceRange]
    ) {
        for fact in calls {
            guard let function = fact.function, function.body != nil, function.routes.isDisjoint(with: kinds) else {
                continue
            }
            // One that is for replies is already refused here.
            guard !function.routes.isDisjoint(with: .request) else { continue }
            let rootName = self.title(of: root)
            let notes = path.enumerated().map { index, range in
                Diagnostic.Note(index == 0 ? "\(rootName) calls it by this" : "and this", at: range)
            }
            self.diagnostics.warning(
                .wrongCaller,
                "\(fact.call.name)() cannot work when \(self.title(of: block)) is called from \(rootName)",
                at: fact.call.nameRange, notes: notes)
        }
    }

    private func title(of index: Int) -> String {
        let block = self.blocks[index]
        let hasName = block.kind != .request && block.kind != .reply && block.kind != .onSend
        return hasName ? "\(block.kind.rawValue)[\(block.name)]" : block.kind.rawValue
    }
}
