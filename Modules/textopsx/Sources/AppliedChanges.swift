import Bytes
import ModuleKit
import SIPMessage

extension RouteContext {
    /// Writes the message with all changes into a buffer of its own and goes on with that.
    ///
    /// The Request-URI as changed becomes the one received. Nothing changes when the result is no message.
    /// - Returns: whether it is one.
    func applyChanges() -> Bool {
        guard !self.edits.isEmpty || self.target.uri != nil else { return true }
        let buffer = ByteBuffer(capacity: self.message.length + 512)
        if self.isRequest, let uri = self.target.uri {
            let mark = self.edits.mark()
            self.edits.replace(self.message.requestURI, with: uri.span)
            MessageWriter.write(self.message, self.edits, into: buffer)
            self.edits.rollback(to: mark)
        } else {
            MessageWriter.write(self.message, self.edits, into: buffer)
        }
        return self.replaceMessage(with: buffer)
    }

    /// Goes on with the message in `buffer`; what was received before is forgotten, and all changes with it.
    func replaceMessage(with buffer: ByteBuffer) -> Bool {
        let old = self.message.buffer
        let kind = self.message.kind
        self.message.buffer = buffer
        guard self.message.parse() == nil, self.message.kind == kind else {
            self.message.buffer = old
            _ = self.message.parse()
            return false
        }
        self.edits.removeAll()
        self.target.uri = nil
        self.invalidateRequestURI()
        return true
    }
}
