import Bytes
import Testing

@Suite("HandleTable: heads of chains")
struct HandleTableTests {
    @Test func `all are none at first, and each keeps what it is given`() {
        let table = HandleTable(count: 4096)
        #expect(table.count == 4096)
        #expect((0..<table.count).allSatisfy { table[$0].isNone })
        table[17] = Handle(rawValue: 5)
        table[4095] = Handle(rawValue: 6)
        #expect(table[17].rawValue == 5 && table[4095].rawValue == 6)
        #expect((0..<table.count).filter { !table[$0].isNone } == [17, 4095])
    }
}
