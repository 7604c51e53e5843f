import Bytes
import ModuleKit
import Testing

@testable import uuid

@Suite("RFC 9562: identifiers")
struct UniqueIdentifierTests {
    @Test func `a random one says that it is one`() {
        for _ in 0..<100 {
            let text = RandomIdentifier.next().text
            let parts = text.split(separator: "-").map(String.init)
            #expect(parts.map(\.count) == [8, 4, 4, 4, 12] && text == text.lowercased())
            #expect(parts[2].first == "4" && "89ab".contains(parts[3].prefix(1)))
        }
        #expect(RandomIdentifier.next() != RandomIdentifier.next())
    }

    @Test func `one by time holds the time, and none comes twice`() {
        let identifiers = TimeIdentifiers()
        // RFC 9562 appendix A.1: 22 February 2022, 19:22:22 UTC.
        let first = identifiers.next(at: 1_645_557_742_000_000)
        #expect(first.text.hasPrefix("c232ab00-9414-11ec-"))
        let second = identifiers.next(at: 1_645_557_742_000_000)
        #expect(second.text.hasPrefix("c232ab01-9414-11ec-") && second.low == first.low)
        #expect(identifiers.next(at: 0).text.hasPrefix("c232ab02-9414-11ec-"))
    }

    @Test func `four letters are taken, others are refused`() throws {
        for letter: ByteString in ["g", "r", "t", "s"] { _ = try UniqueIdentifiers.access(letter, TimeIdentifiers()) }
        #expect(throws: ArgumentError.self) { try UniqueIdentifiers.access("x", TimeIdentifiers()) }
    }
}
