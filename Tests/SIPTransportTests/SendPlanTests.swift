import Bytes
import Testing

@testable import SIPTransport

@Suite("UDP: the order in which datagrams leave")
struct SendPlanTests {
    private struct Datagram {
        var peer: UInt32
        var order: UInt32
        var size: Int
    }

    private static func numbers(_ plan: borrowing SendPlan) -> [Int] {
        var found: [Int] = []
        for place in 0..<plan.count { found.append(plan.number(at: place)) }
        return found
    }

    private static func plan(_ datagrams: [Datagram]) -> SendPlan {
        var plan = SendPlan()
        // As in the next flush of a queue.
        plan.add(0, to: 7, order: 7, size: 7)
        plan.removeAll()
        for (number, each) in datagrams.enumerated() {
            plan.add(number, to: each.peer, order: each.order, size: each.size)
        }
        return plan
    }

    @Test(arguments: 1...200)
    func `nothing is lost, peers lie together, calls keep their order`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...SendPlan.capacity, using: &random)
        let calls = UInt32.random(in: 0...200, using: &random)
        let datagrams = (0..<count).map { _ in
            Datagram(
                peer: .random(in: 1...3, using: &random) &* 0x5bd1_e995, order: .random(in: 0...calls, using: &random),
                size: .random(in: 1...70_000, using: &random))
        }
        let plan = Self.plan(datagrams)
        _ = plan.arrange()
        let numbers = Self.numbers(plan)
        #expect(numbers.sorted() == Array(0..<count))
        var last: [UInt64: Int] = [:]
        for number in numbers {
            let each = datagrams[number]
            let key = UInt64(each.peer) << 32 | UInt64(each.order)
            #expect(last[key, default: -1] < number)
            last[key] = number
        }
    }

    @Test func `on a level the larger come first`() {
        let plan = Self.plan(
            [300, 500, 400, 500, 1, 2, 3, 4].enumerated().map { Datagram(peer: 1, order: UInt32($0 + 1), size: $1) })
        let mayJoin = plan.arrange()
        #expect(mayJoin)
        let numbers = Self.numbers(plan)
        #expect(numbers == [1, 3, 2, 0, 7, 6, 5, 4])
        let areAlike = plan.areAlike(0, 3)
        #expect(areAlike)
    }

    @Test func `the second of a call is on another level, and with another peer it is the first`() {
        let plan = Self.plan(
            [
                Datagram(peer: 1, order: 1, size: 100), Datagram(peer: 1, order: 1, size: 900),
                Datagram(peer: 1, order: 2, size: 900), Datagram(peer: 2, order: 1, size: 10),
            ] + (3...6).map { Datagram(peer: 2, order: $0, size: 5) })
        let mayJoin = plan.arrange()
        #expect(mayJoin)
        let numbers = Self.numbers(plan)
        #expect(numbers == [2, 0, 1, 3, 4, 5, 6, 7])
        let areAlike = [plan.areAlike(0, 1), plan.areAlike(1, 2), plan.areAlike(2, 3)]
        #expect(areAlike == [true, false, false])
    }

    @Test func `phones that are all different leave as they came`() {
        let plan = Self.plan((0..<40).map { Datagram(peer: UInt32($0), order: 1, size: 100 + $0) })
        let mayJoin = plan.arrange()
        #expect(!mayJoin)
        let numbers = Self.numbers(plan)
        #expect(numbers == Array(0..<40))
    }
}
