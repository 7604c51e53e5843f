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
        for (index, block) in self.blocks.enumerated() where block.kind != .route && block.kind != .request {
            self.checkCallees(of: index, graph)
        }
    }

    private func graph() -> Graph {
        var graph = Graph(calls: Array(repeating: [], count: self.blocks.count), roots: [])
        var byName: [String: [Int]] = [:]
        for (index, block) in self.blocks.enumerated() {
            byName[block.name, default: []].append(index)
            switch block.kind {
            case .request, .reply, .onSend, .event: graph.roots.insert(index)
            case .route, .onReply, .failure, .branch: if self.isMentioned(block.name) { graph.roots.insert(index) }
            }
        }
        for fact in self.facts.routeCalls {
            let targets: [Int]
            switch fact.target {
            case .name(let name): targets = (byName[name] ?? []).filter { self.blocks[$0].kind.kinds == fact.kinds }
            case .prefix(let prefix):
                targets = self.blocks.indices.filter {
                    self.blocks[$0].kind == .route && self.blocks[$0].name.hasPrefix(prefix)
                }
            }
            for target in targets where fact.block < graph.calls.count {
                graph.calls[fact.block].append((target, fact.range))
            }
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
    private mutating func checkCallees(of root: Int, _ graph: Graph) {
        let kinds = self.blocks[root].kind.kinds
        guard kinds == .reply || kinds == .transactionReply || kinds == .onsend else { return }
        var paths: [Int: [SourceRange]] = [root: []]
        var open = [root]
        var position = 0
        while position < open.count {
            let block = open[position]
            position += 1
            // A block that asks what it runs for knows what it does.
            if block != root {
                if self.facts.guardedBlocks.contains(block) { continue }
                self.checkCalls(in: block, kinds, root, paths[block] ?? [])
            }
            for call in graph.calls[block] where paths[call.block] == nil && self.blocks[call.block].kind == .route {
                paths[call.block] = (paths[block] ?? []) + [call.range]
                open.append(call.block)
            }
        }
    }

    private mutating func checkCalls(in block: Int, _ kinds: RouteKinds, _ root: Int, _ path: [SourceRange]) {
        for fact in self.facts.calls where fact.block == block {
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
