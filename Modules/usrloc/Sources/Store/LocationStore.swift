import Bytes

/// All location tables of the server, and what they share. It outlives reloads of the configuration.
public final class LocationStore: Sendable {
    package let commons: LocationCommons
    private let tables = Lock<[LocationTable]>([])

    /// - Parameters:
    ///   - started: second of the wall clock.
    ///   - process: process id.
    package init(started: Int, process: Int) {
        self.commons = LocationCommons(started: started, process: process)
    }

    /// The table of that name, made when it is asked for first.
    package func table(named name: ByteString) -> LocationTable {
        self.tables.withLock { tables in
            if let known = tables.first(where: { $0.name == name }) { return known }
            let table = LocationTable(name: name, commons: self.commons)
            tables.append(table)
            return table
        }
    }

    /// The table of that name if there is one.
    func existingTable(named name: ByteString) -> LocationTable? {
        self.tables.withLock { $0.first { $0.name == name } }
    }

    var all: [LocationTable] { self.tables.withLock { $0 } }
}
