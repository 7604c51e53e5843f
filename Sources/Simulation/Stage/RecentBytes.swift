import Bytes
import SIPMessage

/// Bytes that went out lately, to know what is sent again.
struct RecentBytes {
    private var order: [Int] = []
    private var known: Set<Int> = []

    mutating func note(_ bytes: ByteString, _ destination: SocketAddress) -> Bool {
        var hasher = Hasher()
        hasher.combine(bytes)
        hasher.combine(destination)
        let hash = hasher.finalize()
        guard self.known.insert(hash).inserted else { return true }
        self.order.append(hash)
        if self.order.count > 4096 {
            for old in self.order[..<2048] { self.known.remove(old) }
            self.order.removeFirst(2048)
        }
        return false
    }
}
