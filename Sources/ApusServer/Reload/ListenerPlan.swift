import SIPMessage

/// How the listeners of a new configuration relate to those that are open: which stay, are bound, are given up.
///
/// A listener is its protocol and address. One that stays keeps its number, and with it its descriptors and workers; if
/// nothing else of it changed it stays the same object.
struct ListenerPlan {
    private(set) var table: SocketTable
    private(set) var added: [ListenSocket] = []
    /// Listeners that an earlier reload gave up, that are open yet, and are wanted again.
    private(set) var revived: [ListenSocket] = []
    private(set) var removed: [ListenSocket] = []

    /// - Parameters:
    ///   - wanted: what the new configuration asks for; its numbers mean nothing yet.
    ///   - running: what the one in force has.
    ///   - retired: what earlier ones had and is open yet.
    init(wanted: SocketTable, running: SocketTable, retired: [ListenSocket]) {
        var left = running.sockets
        var leaving = retired
        var taken = Set((running.sockets + retired).map(\.index))
        var sockets: [ListenSocket] = []
        for socket in wanted.sockets {
            if let position = left.firstIndex(where: { Self.isSameListener($0, socket) }) {
                sockets.append(Self.merge(left.remove(at: position), socket))
            } else if let position = leaving.firstIndex(where: { Self.isSameListener($0, socket) }) {
                let kept = Self.merge(leaving.remove(at: position), socket)
                sockets.append(kept)
                self.revived.append(kept)
            } else {
                let index = (0...).first { !taken.contains($0) } ?? taken.count
                taken.insert(index)
                let fresh = socket.numbered(index)
                sockets.append(fresh)
                self.added.append(fresh)
            }
        }
        self.removed = left
        self.table = SocketTable(
            sockets: sockets, aliases: wanted.aliases, machine: wanted.machine,
            asksKernel: wanted.asksKernel)
    }

    private static func isSameListener(_ one: ListenSocket, _ other: ListenSocket) -> Bool {
        one.transport == other.transport && one.address == other.address
    }

    private static func merge(_ open: ListenSocket, _ wanted: ListenSocket) -> ListenSocket {
        let isUnchanged =
            open.advertisedHost == wanted.advertisedHost && open.advertisedPort == wanted.advertisedPort
            && open.name == wanted.name && open.isVirtual == wanted.isVirtual
        return isUnchanged ? open : wanted.numbered(open.index)
    }
}

extension ListenSocket {
    /// The same listener under another number.
    fileprivate func numbered(_ index: Int) -> ListenSocket {
        ListenSocket(
            index: index, transport: self.transport, address: self.address, advertisedHost: self.advertisedHost,
            advertisedPort: self.advertisedPort, name: self.name, isVirtual: self.isVirtual)
    }
}
