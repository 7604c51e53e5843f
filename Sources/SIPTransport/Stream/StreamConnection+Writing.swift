import Bytes
import CLinux
import Glibc
import SIPMessage

extension StreamConnection {
    /// Takes a letter from another thread; what cannot be sent is reported.
    func take(_ letter: Letter, _ bytes: Span<UInt8>) {
        let outcome = self.enqueue(bytes, token: letter.token, closesAfter: letter.closesAfter, isCounted: true)
        guard case .refused(let refusal) = outcome else { return }
        self.owner.account(-letter.count)
        guard letter.token != 0 else { return }
        let code: Int32 =
            switch refusal {
            case .system(let code): code
            case .queueFull: ENOBUFS
            case .noConnection, .noSocket, .tooManyConnections, .shutdown: self.endCode
            }
        self.loop.receiver?.sendFailed(to: self.destination, token: letter.token, code: code, on: self.loop)
    }

    /// Puts a message behind those that wait.
    ///
    /// It is written once the event at hand is dealt with. `isCounted`: its bytes are in the owner's account already.
    func enqueue(_ bytes: Span<UInt8>, token: UInt64, closesAfter: Bool, isCounted: Bool) -> SendOutcome {
        if self.state == .fresh {
            let code = self.connect()
            guard code == 0 else { return .refused(.system(code)) }
        }
        guard self.state == .open || self.state == .connecting, !self.closesWhenWritten else {
            return .refused(.noConnection)
        }
        if let refusal = self.refusal(for: bytes.count, isCounted: isCounted) { return .refused(refusal) }
        if !isCounted { self.owner.account(bytes.count) }
        let output = self.output ?? self.loop.buffers.take()
        self.output = output
        output.append(bytes)
        self.enqueuedTotal += bytes.count
        if token != 0 { self.marks.append(SendMark(end: self.enqueuedTotal, token: token)) }
        if closesAfter { self.closeWhenWritten() }
        if !self.isUnflushed, self.state == .open, !self.isBlocked {
            self.isUnflushed = true
            self.loop.flushLater(self)
        }
        return .queued
    }

    private func refusal(for count: Int, isCounted: Bool) -> SendRefusal? {
        let limit = self.loop.settings.connectionQueueLimit
        if self.queuedBytes > 0, self.queuedBytes + count > limit {
            // What waits may be only what nobody has tried to write yet.
            if self.state == .open, !self.isBlocked { self.flush() }
            guard self.state == .open || self.state == .connecting else { return .noConnection }
            if self.queuedBytes > 0, self.queuedBytes + count > limit {
                // A peer this slow will never catch up: it is better to begin again.
                if self.state == .open { self.close(.queueFull) }
                return .queueFull
            }
        }
        if !isCounted, !self.owner.hasRoom(for: count, limit: self.loop.settings.totalQueueLimit) { return .queueFull }
        return nil
    }

    /// Writes what waits, as far as the kernel takes it.
    func flush() {
        self.isUnflushed = false
        guard self.state == .open, !self.isBlocked, let output = self.output else {
            if self.state == .open, self.closesWhenWritten, self.output == nil { self.closeOurHalf() }
            return
        }
        let flow =
            self.layer?.write(self.descriptor, output, from: self.written)
            ?? PlainBytes.write(self.descriptor, output, from: self.written)
        switch flow {
        case .bytes(let count): self.advance(output, by: count)
        case .wouldBlock, .ended: self.block()
        case .failed(let code): self.close(.failed(code))
        }
    }

    private func advance(_ output: ByteBuffer, by count: Int) {
        self.written += count
        self.owner.account(-count)
        self.lastActivity = self.loop.now
        if self.written == output.count {
            self.written = 0
            self.output = nil
            self.loop.buffers.give(output)
            if !self.marks.isEmpty { self.marks = [] }
            if self.closesWhenWritten { self.closeOurHalf() }
            return
        }
        let through = self.enqueuedTotal - self.queuedBytes
        let done = self.marks.firstIndex { $0.end > through } ?? self.marks.count
        if done > 0 { self.marks.removeFirst(done) }
        if self.written > 65_536 {
            output.removeFirst(self.written)
            self.written = 0
        }
        self.stalledSince = self.loop.now
        self.block()
    }

    /// The kernel takes no more for now.
    private func block() {
        guard !self.isBlocked else { return }
        self.isBlocked = true
        self.stalledSince = self.loop.now
        self.loop.change(self.key, UInt32(APUS_READABLE) | UInt32(APUS_WRITABLE))
        self.arm()
    }
}
