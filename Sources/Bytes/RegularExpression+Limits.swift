/// What a pattern would cost the C library, found before it sees it: `regcomp` copies what is repeated and follows
/// groups by recursion, so that `((((a{255}){255}){255}` would fill the memory and a hundred thousand `(` the stack.
struct PatternCost {
    /// Nodes after all copies are made.
    static let nodeLimit = 20_000
    static let depthLimit = 250
    static let lengthLimit = 65_536
    /// Repetitions of repetitions: what the library takes for them grows with the fifth power of their number.
    static let repetitionLimit = 24

    /// What was found.
    struct Measure {
        var nodes = 0
        /// Why the pattern is refused; nil when it is small enough.
        var refusal: String?
        /// It asks for what a group matched once more.
        var hasBackReference = false
        /// Each parenthesis has another one, so that the whole may stand in a group.
        var isBalanced = false
    }

    /// The pattern need not be well formed.
    static func measure(_ pattern: [UInt8]) -> Measure {
        guard pattern.count <= self.lengthLimit else { return Measure(refusal: "the expression is too long") }
        var cost = PatternCost(pattern)
        let refusal = cost.measure()
        return Measure(
            nodes: cost.groups.reduce(0, +), refusal: refusal, hasBackReference: cost.hasBackReference,
            isBalanced: cost.isBalanced && cost.groups.count == 1)
    }

    private let bytes: [UInt8]
    private var position = 0
    /// Nodes of the open groups, outermost first.
    private var groups = [0]
    /// Nodes of the last atom, which a repetition copies.
    private var last = 0
    /// Repetitions in one another, in the open groups and in the last atom.
    private var repetitions = [0]
    private var lastRepetitions = 0
    private var hasBackReference = false
    private var isBalanced = true

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    private mutating func measure() -> String? {
        while self.position < self.bytes.count {
            let byte = self.bytes[self.position]
            self.position += 1
            switch byte {
            case UInt8(ascii: "("):
                guard self.groups.count <= Self.depthLimit else { return "the expression is nested too deeply" }
                self.groups.append(1)
                self.repetitions.append(0)
                self.last = 0
            case UInt8(ascii: ")"):
                guard self.groups.count > 1 else {
                    self.isBalanced = false
                    continue
                }
                let size = self.groups.removeLast()
                let repetitions = self.repetitions.removeLast()
                self.last = 0
                self.add(size)
                self.lastRepetitions = repetitions
                self.noteRepetitions()
            case UInt8(ascii: "["):
                self.skipBracket()
                self.add(1)
            case UInt8(ascii: "\\"):
                if self.position < self.bytes.count, 49...57 ~= self.bytes[self.position] {
                    self.hasBackReference = true
                }
                self.position += 1
                self.add(1)
            // x+ is compiled as xx*.
            case UInt8(ascii: "+"): self.multiply(by: 2)
            case UInt8(ascii: "{"): self.multiply(by: self.bound())
            case UInt8(ascii: "*"), UInt8(ascii: "?"): self.multiply(by: 1)
            default: self.add(1)
            }
            if self.groups[self.groups.count - 1] > Self.nodeLimit { return "the expression is too large" }
            if self.lastRepetitions > Self.repetitionLimit { return "its repetitions are nested too deeply" }
        }
        return self.groups.reduce(0, +) > Self.nodeLimit ? "the expression is too large" : nil
    }

    private mutating func add(_ nodes: Int) {
        self.groups[self.groups.count - 1] += nodes
        self.last = nodes
        self.lastRepetitions = 0
    }

    private mutating func noteRepetitions() {
        let group = self.repetitions.count - 1
        self.repetitions[group] = max(self.repetitions[group], self.lastRepetitions)
    }

    /// Copies weigh more than what is written out: matching takes time by the square of the parts that may be empty, and
    /// nested repetitions make most of them.
    private static let copyWeight = 4

    private mutating func multiply(by count: Int) {
        let more = self.last * max(count - 1, 0) * Self.copyWeight + 1
        self.groups[self.groups.count - 1] += more
        self.last += more
        self.lastRepetitions += 1
        self.noteRepetitions()
    }

    /// The larger number of `{m,n}`, at most one more than any pattern may have.
    private mutating func bound() -> Int {
        var largest = 0
        var number = 0
        while self.position < self.bytes.count, self.bytes[self.position] != UInt8(ascii: "}") {
            let byte = self.bytes[self.position]
            if byte &- 48 < 10 {
                number = min(number * 10 + Int(byte - 48), Self.nodeLimit + 1)
                largest = max(largest, number)
            } else {
                number = 0
            }
            self.position += 1
        }
        return largest
    }

    private mutating func skipBracket() {
        if self.position < self.bytes.count, self.bytes[self.position] == UInt8(ascii: "^") { self.position += 1 }
        // A bracket that comes first stands for itself.
        if self.position < self.bytes.count { self.position += 1 }
        while self.position < self.bytes.count, self.bytes[self.position] != UInt8(ascii: "]") { self.position += 1 }
        self.position += 1
    }
}
