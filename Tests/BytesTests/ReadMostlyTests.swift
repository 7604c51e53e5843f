import Bytes
import Testing

@Suite("A value that is read all the time and hardly ever changed")
struct ReadMostlyTests {
    private static func sideBySide(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<count { group.addTask { body(index) } }
        }
    }

    @Test func `every thread reads what was put in last`() async {
        let value = ReadMostly([1])
        value.change { $0.append(2) }
        value.replace(value.read { $0 } + [3])
        let seen = Lock(Set<[Int]>())
        await Self.sideBySide(20) { _ in
            let now = value.read { $0 }
            seen.withLock { _ = $0.insert(now) }
        }
        #expect(seen.withLock { $0 } == [[1, 2, 3]])
    }

    @Test func `changes by several threads are all there at the end`() async {
        let value = ReadMostly(0)
        await Self.sideBySide(8) { _ in for _ in 0..<100 { value.change { $0 += 1 } } }
        #expect(value.read { $0 } == 800)
    }

    @Test func `a thread keeps its number`() {
        #expect(ThreadNumber.current == ThreadNumber.current)
        #expect(ThreadNumber.current >= 0)
    }

    @Test func `a lock apart from others guards as any other`() async {
        let lock = Lock([Int](), isApart: true)
        await Self.sideBySide(8) { index in for _ in 0..<100 { lock.withLock { $0.append(index) } } }
        #expect(lock.withLock { $0.count } == 800)
    }

    @Test func `a lock lets go of its state`() {
        final class Witness: Sendable {}
        weak var witness: Witness?
        do {
            let lock = Lock(Witness(), isApart: true)
            witness = lock.withLock { $0 }
            #expect(witness != nil)
        }
        #expect(witness == nil)
    }
}
