import Bytes

/// One call of a storm, written down: what each side does and what becomes of each packet. The same plan always runs
/// the same way, so that one that fails can be made smaller.
struct StormPlan: Equatable {
    /// What the script makes of the call; the raw value is the user part that asks for it.
    enum Shape: String, CaseIterable {
        case single = "s1"
        case two = "p2"
        case three = "p3"
        /// One after the other.
        case serial = "q2"
        case serialThree = "q3"
        /// One, then two at once.
        case mixed = "m3"
        /// The failure route answers.
        case answered = "r1"
    }

    struct Answer: Equatable {
        /// After the one before, in milliseconds.
        var delay: Int
        var status: Int
    }

    /// Arrival times of the copies of a packet, in milliseconds from now; none: it is lost.
    typealias Fate = [Int]
    static let plainFate: Fate = [5]

    var isInvite: Bool
    var shape: Shape
    /// What each of the three callees answers.
    var answers: [[Answer]]
    /// When the caller cancels, in milliseconds from the start, whether or not anything came.
    var cancelsAt: Int?
    /// Of the packets in the order they are sent; begins again at its end.
    var fates: [Fate]

    /// The plan that a seed stands for.
    init(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        self.isInvite = dice.below(5) > 0
        self.shape = Shape.allCases[dice.below(Shape.allCases.count)]
        let loss = [0, 0, 10, 30, 60, 90][dice.below(6)]
        let isInvite = self.isInvite
        self.answers = (0..<3).map { _ in Self.answers(isInvite: isInvite, &dice) }
        self.cancelsAt = isInvite && dice.below(3) == 0 ? dice.below([40, 400, 4000, 12_000][dice.below(4)]) : nil
        self.fates = (0..<(4 + dice.below(40))).map { _ in
            guard dice.below(100) >= loss else { return [] }
            return (0..<(dice.below(8) == 0 ? 2 : 1)).map { _ in
                dice.below(10) == 0 ? dice.below(600) : 1 + dice.below(24)
            }
        }
    }

    private static func answers(isInvite: Bool, _ dice: inout SeededGenerator) -> [Answer] {
        var answers: [Answer] = []
        let patience = [30, 300, 3000, 8000][dice.below(4)]
        while dice.below(3) > 0, answers.count < 4 {
            answers.append(Answer(delay: dice.below(patience), status: [100, 180, 183, 199][dice.below(4)]))
        }
        guard dice.below(8) > 0 else { return answers }
        let finals = [200, 200, 200, 202, 302, 401, 404, 407, 408, 486, 487, 500, 503, 600, 603]
        answers.append(Answer(delay: dice.below(patience), status: finals[dice.below(finals.count)]))
        return answers
    }

    /// Plans that do a little less.
    var smaller: [StormPlan] {
        var plans: [StormPlan] = []
        func add(_ change: (inout StormPlan) -> Void) {
            var plan = self
            change(&plan)
            if plan != self { plans.append(plan) }
        }
        add { $0.fates = [Self.plainFate] }
        add { $0.shape = .single }
        add { $0.cancelsAt = nil }
        add { $0.fates.removeLast($0.fates.count / 2) }
        for callee in self.answers.indices {
            add { $0.answers[callee] = [] }
            for index in self.answers[callee].indices {
                add { $0.answers[callee].remove(at: index) }
                add { $0.answers[callee][index].delay = min($0.answers[callee][index].delay, 10) }
            }
        }
        for index in self.fates.indices { add { $0.fates[index] = Self.plainFate } }
        return plans
    }
}

extension StormPlan: CustomStringConvertible {
    var description: String {
        let callees = zip("abc", self.answers).map { name, answers in
            "\(name): " + answers.map { "\($0.status)+\($0.delay)" }.joined(separator: " ")
        }
        let packets = self.fates.map { $0.isEmpty ? "lost" : $0.map(String.init).joined(separator: "&") }
        return """
            \(self.isInvite ? "INVITE" : "MESSAGE") \(self.shape.rawValue), \(callees.joined(separator: ", ")), \
            \(self.cancelsAt.map { "cancelled at \($0)" } ?? "not cancelled"), \
            packets \(packets.joined(separator: " "))
            """
    }
}
