import Bytes
import SIPMessage

extension StreamConnection {
    /// Reads once what is there, and hands on every message that is whole.
    func read() {
        let scratch = self.loop.scratch
        var arrived = 0
        let flow =
            self.layer?.read(self.descriptor, into: scratch)
            ?? PlainBytes.read(self.descriptor, into: scratch, arrived: &arrived)
        self.loop.arrivedAt = arrived
        switch flow {
        case .wouldBlock: return
        case .failed(let code): self.close(.failed(code))
        case .ended:
            self.flush()  // the peer may have ended only its own half
            self.close(.peerClosed)
        case .bytes:
            self.lastActivity = self.loop.now
            self.isHeard.store(true, ordering: .relaxed)
            var bytes = scratch
            if let kept = self.kept {
                kept.append(scratch.span)
                bytes = kept
            }
            guard self.awaitsHeader else { return self.cut(bytes, from: 0) }
            if let start = self.takeHeader(bytes) { self.cut(bytes, from: start) }
        }
    }

    /// Reads the PROXY header in front of everything else.
    ///
    /// Returns where the messages begin; nil when they cannot be read yet, or never.
    private func takeHeader(_ bytes: ByteBuffer) -> Int? {
        switch ProxyHeader.read(bytes.span) {
        case .absent: return self.introduce(nil) ? 0 : nil
        case .header(let client, let length): return self.introduce(client) ? length : nil
        case .incomplete:
            self.keep(bytes, from: 0)
            return nil
        case .malformed:
            self.close(.badProxyHeader)
            return nil
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
    private func cut(_ bytes: ByteBuffer, from start: Int) {
        var position = start
        while true {
            switch self.framer.next(in: bytes.span, from: position) {
            case .message(let range):
                position = range.upper
                if bytes === self.kept, range.count == bytes.count {
                    self.kept = nil
                    self.accountPartial(0)
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
            // Little is kept in little: thousands of peers may have begun something.
            let kept = rest <= 256 ? ByteBuffer(capacity: 512) : self.loop.buffers.take()
            kept.append(bytes.span.extracting(start..<bytes.count))
            self.kept = kept
            self.beginPartial()
        }
        self.accountPartial(rest)
        if rest > 0, self.owner.partialBytes > self.loop.settings.partialLimit { self.close(.memoryFull) }
    }

    /// `count` bytes of a message are kept now.
    func accountPartial(_ count: Int) {
        guard count != self.partialCount else { return }
        self.owner.accountPartial(count - self.partialCount)
        self.partialCount = count
    }

    private func beginPartial() {
        self.partialSince = self.loop.now
        self.arm()
    }
}
