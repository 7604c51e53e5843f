import Bytes
import SIPMessage

extension RouteContext {
    /// Gives back what one unusual message made the context grow to; called when it goes to rest. Without it the memory
    /// of a server that sees one now and then grows until every context has seen one.
    public func giveBackMemory() {
        self.message.giveBackMemory()
        self.edits.giveBackMemory()
        Self.empty(self.replyHeaders)
        Self.empty(self.replyBody)
        Self.empty(self.scratch)
    }

    private static func empty(_ buffer: ByteBuffer) {
        guard buffer.capacity > 4096 else { return }
        buffer.removeAll()
        buffer.shrink(to: 256)
    }
}
