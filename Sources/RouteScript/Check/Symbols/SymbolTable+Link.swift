extension SymbolTable {
    /// Joins routes with the places that name them, and defines with theirs.
    mutating func link(_ facts: ScriptFacts, defines events: [DefineEvent]) {
        // Of several with one name and kind, which is an error, the first.
        var byName: [String: [Int]] = [:]
        for (index, route) in self.routes.enumerated() {
            let known = byName[route.name] ?? []
            if !known.contains(where: { self.routes[$0].kind == route.kind }) { byName[route.name] = known + [index] }
        }
        for fact in facts.routeCalls {
            guard case .name(let name) = fact.target else { continue }
            for index in byName[name] ?? [] where self.routes[index].kind.kinds == fact.kinds {
                self.routes[index].uses.append(.init(range: fact.range, isCertain: true))
            }
        }
        for (name, indices) in byName {
            guard let range = facts.mentionedWords[name] else { continue }
            for index in indices { self.routes[index].uses.append(.init(range: range, isCertain: false)) }
        }
        self.link(events)
    }

    private mutating func link(_ events: [DefineEvent]) {
        var current: [String: Int] = [:]
        for event in events {
            switch event.kind {
            case .definition(let value):
                current[event.name] = self.defines.count
                self.defines.append(.init(name: event.name, value: value, range: event.range))
            case .removal: current[event.name] = nil
            case .use:
                if let index = current[event.name] { self.defines[index].uses.append(event.range) }
            }
        }
    }
}
