import Bytes
import CLinux
import SIPMessage

extension StreamConnection {
    /// Reads once what is there, and hands on every message that is whole.
    func read() {
        // One whole message is the rule: it is handed on in the buffer that it was read into.
        let isFresh = self.kept == nil && self.layer == nil && !self.awaitsHeader
        let space = isFresh ? self.loop.buffers.take() : self.loop.scratch
        self.loop.arrivedAt = 0
        let flow = self.layer?.read(self.descriptor, into: space) ?? self.readPlain(into: space)
        if isFresh {
            guard case .bytes = flow else {
                self.loop.buffers.give(space)
                return self.take(flow, space, isFresh: false)
            }
            if space.count == space.capacity { self.readOn(into: space) }
        } else if space.count == space.capacity {
            self.loop.leftBytes()
        }
        self.take(flow, space, isFresh: isFresh)
    }

    /// Asks when the bytes came, too, while the loop is behind.
    private func readPlain(into space: ByteBuffer) -> ByteFlow {
        guard self.loop.isBehind else { return PlainBytes.read(self.descriptor, into: space) }
        if !self.isTimed {
            // From now on: what waits already has no time, and most connections never get here.
            self.isTimed = true
            _ = apus_socket_set(self.descriptor, APUS_ARRIVAL_TIME, 1)
        }
        var arrived = 0
        let flow = PlainBytes.read(self.descriptor, into: space, arrived: &arrived)
        self.loop.arrivedAt = arrived
        return flow
    }

    /// More came than the buffer holds: the rest, up to the size of the scratch area, without another wake-up.
    private func readOn(into space: ByteBuffer) {
        // An end, or an error, is there again for the next read.
        let scratch = self.loop.scratch
        guard case .bytes = PlainBytes.read(self.descriptor, into: scratch) else { return }
        if scratch.count == scratch.capacity { self.loop.leftBytes() }
        space.append(scratch.span)
    }

    private func take(_ flow: ByteFlow, _ space: ByteBuffer, isFresh: Bool) {
        switch flow {
        case .wouldBlock: return
        case .failed(let code): self.close(.failed(code))
        case .ended:
            self.flush()  // the peer may have ended only its own half
            // A client of HTTP that has nothing more to say reads its answer to the end.
            if self.output != nil, self.speaksHTTP { return self.endWhenWritten() }
            self.close(.peerClosed)
        case .bytes:
            self.lastActivity = self.loop.now
            self.isHeard.store(true, ordering: .relaxed)
            var bytes = space
            if let kept = self.kept {
                kept.append(space.span)
                bytes = kept
            }
            if isFresh { return self.cut(bytes, from: 0, isOwn: true) }
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
        case .ended where self.state == .open && self.output != nil: self.endWhenWritten()
        case .ended, .failed: self.close(.requested)
        }
    }

    /// The peer has ended its half and may still read: closes once all that waits is written.
    private func endWhenWritten() {
        guard self.state == .open else { return }
        self.closeWhenWritten()
        self.isReadingPaused = true
        self.loop.change(self.key, self.interest)
    }

    /// Hands on what is whole of the bytes that are kept.
    func cutKept() {
        if let kept = self.kept { self.cut(kept, from: 0) }
    }

    /// Hands on the messages in `bytes`, and keeps the rest.
    /// - Parameter isOwn: false for the scratch area, which is every connection's; the kept buffer is ours by itself.
    private func cut(_ bytes: ByteBuffer, from start: Int, isOwn: Bool = false) {
        let isOwn = isOwn || bytes === self.kept
        var position = start
        while true {
            switch self.plain.value.framer.next(in: bytes.span, from: position) {
            case .message(let range):
                position = range.upper
                if isOwn, range.count == bytes.count {
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
            case .request(let range):
                position = range.upper
                let request = self.loop.buffers.take()
                request.append(bytes.span, range)
                self.beginRequest()
                self.deliver(request)
                guard self.state == .open, !self.closesWhenWritten else { return }
                guard !self.holdsBack() else { return self.keep(bytes, from: position, isOwn: isOwn) }
            case .ping(let next):
                position = next
                if self.loop.settings.answersPings { self.pong() }
                guard self.state == .open else { return }
            case .incomplete(let start):
                self.keep(bytes, from: start, isOwn: isOwn)
                if self.plain.value.framer.takeLeave(), self.state == .open { self.giveLeave() }
                return
            case .failed(.http(let refusal)):
                self.refuse(refusal)
                return
            case .failed(let error):
                self.flush()  // replies to the good messages before
                self.close(.framing(error))
                return
            }
        }
    }

    private func deliver(_ message: ByteBuffer) {
        let arrival = Arrival(source: self.peer, socket: self.socket, connection: self.id, time: self.loop.now)
        self.loop.deliver(message, arrival)
    }

    private func pong() {
        let crlf: InlineArray<2, UInt8> = [13, 10]
        _ = self.enqueue(crlf.span, token: 0, closesAfter: false, isCounted: false)
    }

    private func keep(_ bytes: ByteBuffer, from start: Int, isOwn: Bool = false) {
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
        } else if rest == 0 {
            if isOwn { self.loop.buffers.give(bytes) }
        } else if isOwn, rest > Self.littleLimit {
            if start > 0 { bytes.removeFirst(start) }
            self.kept = bytes
            self.beginPartial()
        } else {
            // Little is kept in little: thousands of peers may have begun something.
            let kept = rest <= Self.littleLimit ? ByteBuffer(capacity: 512) : self.loop.buffers.take()
            kept.append(bytes.span.extracting(start..<bytes.count))
            self.kept = kept
            if isOwn { self.loop.buffers.give(bytes) }
            self.beginPartial()
        }
        self.accountPartial(rest)
        if rest > 0, self.owner.partialBytes > self.loop.settings.partialLimit { self.close(.memoryFull) }
    }

    private static let littleLimit = 256

    /// `count` bytes of a message are kept now.
    func accountPartial(_ count: Int) {
        guard count != self.partialCount else { return }
        self.owner.accountPartial(count - self.partialCount)
        self.partialCount = count
    }

    func beginPartial() {
        self.partialSince = self.loop.now
        self.arm()
    }
}
