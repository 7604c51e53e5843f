import Bytes

extension Parser {
    /// `@a.b[0].c`
    func parseSelect() -> Expression {
        let start = self.current.range
        self.advance()
        var elements: [SelectPath.Element] = []
        repeat {
            let place = self.current.range
            guard let name = self.word() else {
                self.error(.badSelect, "expected a name in this select, found \(self.describe(self.current))")
                return Expression(.invalid, at: start)
            }
            self.advance()
            var index: SelectPath.Element.Index?
            if self.isSymbol(.leftBracket) {
                self.advance()
                switch self.current.kind {
                case .string(let literal):
                    index = .key(literal.value)
                    self.advance()
                default:
                    guard let number = self.parseInteger("the index of a select") else {
                        return Expression(.invalid, at: start)
                    }
                    index = .number(number)
                }
                guard self.expect(.rightBracket, "after the index") else { return Expression(.invalid, at: start) }
            }
            elements.append(.init(name: name, index: index, range: place.through(self.previousRange)))
        } while self.consume(.dot)
        let range = start.through(self.previousRange)
        return Expression(.select(SelectPath(elements: elements, range: range)), at: range)
    }
}
