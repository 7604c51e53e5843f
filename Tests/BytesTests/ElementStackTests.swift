import Bytes
import Testing

@Suite("Element stack")
struct ElementStackTests {
    private static func list(_ stack: borrowing ElementStack<String>) -> [String] {
        (0..<stack.count).map { stack[$0] }
    }

    @Test func `the last element takes the place of one that is taken away`() {
        let stack = ElementStack<String>(capacity: 1)
        for text in ["a", "b", "c"] { stack.append(text) }
        let removed = stack.remove(at: 0)
        #expect(removed == "a")
        let left = Self.list(stack)
        #expect(left == ["c", "b"])
    }

    @Test func `taking the last one away moves nothing`() {
        let stack = ElementStack<String>(capacity: 2)
        for text in ["a", "b"] { stack.append(text) }
        let removed = stack.remove(at: 1)
        #expect(removed == "b")
        let left = Self.list(stack)
        #expect(left == ["a"])
    }

    @Test func `what is not there cannot be taken away`() {
        let stack = ElementStack<String>(capacity: 1)
        let none = stack.remove(at: 0)
        stack.append("a")
        let behind = stack.remove(at: 1)
        let before = stack.remove(at: -1)
        #expect(none == nil && behind == nil && before == nil)
        let left = Self.list(stack)
        #expect(left == ["a"])
    }
}
