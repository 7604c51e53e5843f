import Bytes
import SIPMessage

extension StreamConnection {
    /// Reads once what is there, and hands on every message that is whole.
    func read() {
        let scratch = self.loop.scratch
        let flow = self.layer?.read(self.descriptor, into: scratch) ?? PlainBytes.read(self.descriptor, into: scratch)
        switch flow {
        case .wouldBlock: return
        case .failed(let code): self.close(.failed(code))
        case .ended:
            self.flush()  // the peer may have ended only its own half
            self.close(.peerClosed)
        case .bytes:
            self.lastActivity = self.loop.now
            if let kept = self.kept {
                kept.append(scratch.span)
                self.cut(kept)
            } else {
                self.cut(scratch)
            }
        }
    }

    /// Reads and forgets, until the peer ends its half too.
    func discard() {
        switch PlainBytes.read(self.descriptor, into: self.loop.scratch) {
        case .bytes, .wouldBlock: break
        case .ended, .failed: self.close(.requested)
        }
    }

    /// Hands on the messages in `bytes`, which is the kept buffer or the scratch area, and keeps the rest.
    private func cut(_ bytes: ByteBuffer) {
        var position = 0
        while true {
            switch self.framer.next(in: bytes.span, from: position) {
            case .message(let range):
                position = range.upper
                if bytes === self.kept, range.count == bytes.count {
                    self.kept = nil
                    self.deliver(bytes)
                    return
                }
                let message = self.loop.buffers.take()
                message.append(bytes.span, range)
                self.deliver(message)
                // The receiver may have closed us.
                guard self.state == .open, !self.closesWhenWritten else { return }
            case .ping(let next):
                position = next
                if self.loop.settings.answersPings { self.pong() }
                guard self.state == .open else { return }
            case .incomplete(let start):
                self.keep(bytes, from: start)
                return
            case .failed(let error):
                self.flush()  // replies to the good messages before
                self.close(.framing(error))
                return
            }
        }
    }

    private func deliver(_ message: ByteBuffer) {
        guard let receiver = self.loop.receiver else { return }
        let arrival = Arrival(source: self.peer, socket: self.socket, connection: self.id, time: self.loop.now)
        receiver.received(message, arrival: arrival, on: self.loop)
    }

    private func pong() {
        let crlf: InlineArray<2, UInt8> = [13, 10]
        _ = self.enqueue(crlf.span, token: 0, closesAfter: false, isCounted: false)
    }

    private func keep(_ bytes: ByteBuffer, from start: Int) {
        let rest = bytes.count - start
        if bytes === self.kept {
            if rest > 0 {
                // A new message began behind one that ended here.
                if start > 0 {
                    bytes.removeFirst(start)
                    self.beginPartial()
                }
            } else {
                self.kept = nil
                self.loop.buffers.give(bytes)
            }
        } else if rest > 0 {
            let kept = self.loop.buffers.take()
            kept.append(bytes.span.extracting(start..<bytes.count))
            self.kept = kept
            self.beginPartial()
        }
    }

    private func beginPartial() {
        self.partialSince = self.loop.now
        self.arm()
    }
}
