import Bytes
import ModuleKit

/// Iterators of one message's script, by name, at most four.
///
/// An iterator holds copies of the next items and no lock: the table may change meanwhile, also by the script itself.
final class TableIterators {
    static let limit = 4

    private struct Iterator {
        var name: ByteString
        var table: Table
        var cursor = SharedTable.Cursor()
        var records: [SharedTable.Record] = []
        /// Of `records`; -1 before the first.
        var position = -1
    }

    private var iterators: [Iterator] = []

    private func index(_ name: ByteString) -> Int? { self.iterators.firstIndex { $0.name == name } }

    /// Begins anew when there is one of that name.
    /// - Returns: false when there are four others.
    func start(_ name: ByteString, _ table: Table) -> Bool {
        let fresh = Iterator(name: name, table: table)
        if let index = self.index(name) {
            self.iterators[index] = fresh
            return true
        }
        guard self.iterators.count < Self.limit else { return false }
        self.iterators.append(fresh)
        return true
    }

    func end(_ name: ByteString) -> Bool {
        guard let index = self.index(name) else { return false }
        self.iterators.remove(at: index)
        return true
    }

    enum Step { case item, end, unknown }

    func next(_ name: ByteString, at second: UInt32) -> Step {
        guard let index = self.index(name) else { return .unknown }
        self.iterators[index].position += 1
        while self.iterators[index].position >= self.iterators[index].records.count {
            guard let more = self.iterators[index].table.store.next(&self.iterators[index].cursor, at: second) else {
                self.iterators[index].records = []
                self.iterators[index].position = 0
                return .end
            }
            self.iterators[index].records = more
            self.iterators[index].position = 0
        }
        return .item
    }

    /// The item at which the iterator stands.
    func current(_ name: ByteString) -> SharedTable.Record? {
        guard let index = self.index(name) else { return nil }
        let iterator = self.iterators[index]
        return iterator.records.indices.contains(iterator.position) ? iterator.records[iterator.position] : nil
    }

    func table(_ name: ByteString) -> Table? { self.index(name).map { self.iterators[$0].table } }

    /// Lets `$shtitval` show the value that was just stored.
    func show(_ value: TableValue, at name: ByteString) {
        guard let index = self.index(name) else { return }
        let position = self.iterators[index].position
        guard self.iterators[index].records.indices.contains(position) else { return }
        self.iterators[index].records[position].value = value
    }
}
