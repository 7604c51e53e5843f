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
    /// It is written when some messages have been dealt with, or all that came. `isCounted`: its bytes are in the owner's account already.
    func enqueue(_ bytes: Span<UInt8>, token: UInt64, closesAfter: Bool, isCounted: Bool) -> SendOutcome {
        if let refusal = self.admit(bytes.count, isCounted: isCounted) { return .refused(refusal) }
        if self.awaitsAnswer { self.noteAnswer(bytes) }
        let output = self.output ?? self.loop.buffers.take()
        self.output = output
        output.append(bytes)
        return self.enqueued(bytes.count, token, closesAfter)
    }

    /// The same for a message in a buffer of the loop's own, which is taken over: nothing is copied when nothing waits.
    func enqueue(_ message: ByteBuffer, token: UInt64, closesAfter: Bool) -> SendOutcome {
        let count = message.count
        if let refusal = self.admit(count, isCounted: false) {
            self.loop.buffers.give(message)
            return .refused(refusal)
        }
        if self.awaitsAnswer { self.noteAnswer(message.span) }
        if let output = self.output {
            output.append(message.span)
            self.loop.buffers.give(message)
        } else {
            self.output = message
        }
        return self.enqueued(count, token, closesAfter)
    }

    /// Whether the connection takes a message of `count` bytes; opens it when it is not yet.
    private func admit(_ count: Int, isCounted: Bool) -> SendRefusal? {
        if self.state == .fresh {
            let code = self.connect()
            guard code == 0 else { return .system(code) }
        }
        guard self.state == .open || self.state == .connecting, !self.closesWhenWritten else { return .noConnection }
        if let refusal = self.refusal(for: count, isCounted: isCounted) { return refusal }
        if !isCounted { self.owner.account(count) }
        return nil
    }

    /// A message stands in the output.
    private func enqueued(_ count: Int, _ token: UInt64, _ closesAfter: Bool) -> SendOutcome {
        self.enqueuedTotal += count
        if token != 0 { self.mark(token) }
        if closesAfter { self.closeWhenWritten() }
        self.followQueue()
        if !self.isUnflushed, self.state == .open, !self.isBlocked {
            self.isUnflushed = true
            self.loop.flushLater(self)
        }
        return .queued
    }

    /// The message that was just put into the output ends here. Most outputs are one message, which needs no array.
    private func mark(_ token: UInt64) {
        let mark = SendMark(end: self.enqueuedTotal, token: token)
        if self.firstMark.token == 0 {
            self.firstMark = mark
        } else {
            self.marks.append(mark)
        }
    }

    /// Bytes that may wait for the peer: more while the connection is being opened, and until what came meanwhile is
    /// through, since that peer is not slow. A part of all, so that one that never answers leaves room for others.
    private var queueLimit: Int {
        let settings = self.loop.settings
        let limit = settings.connectionQueueLimit
        return self.isOpening ? max(limit, settings.totalQueueLimit / 16) : limit
    }

    private func refusal(for count: Int, isCounted: Bool) -> SendRefusal? {
        let limit = self.queueLimit
        if self.queuedBytes > 0, self.queuedBytes + count > limit {
            // What waits may be only what nobody has tried to write yet.
            if self.state == .open, !self.isBlocked { self.flush() }
            guard self.state == .open || self.state == .connecting else { return .noConnection }
            if self.queuedBytes > 0, self.queuedBytes + count > limit {
                // A peer this slow will never catch up: it is better to begin again.
                if self.state == .open {
                    self.close(.queueFull)
                } else {
                    self.owner.counts.count(.overflowed)
                }
                return .queueFull
            }
        }
        if !isCounted, !self.owner.hasRoom(for: count, limit: self.loop.settings.totalQueueLimit) {
            self.owner.counts.count(.overflowed)
            return .queueFull
        }
        return nil
    }

    /// Takes nothing more from a peer that lets half of what may wait for it wait: its next requests stay with it
    /// (RFC 3261 has no other back-pressure than TCP's own).
    func followQueue() {
        guard self.isBlocked, self.state == .open else { return }
        let pauses = self.queuedBytes * 2 > self.queueLimit
        guard pauses != self.isReadingPaused else { return }
        self.isReadingPaused = pauses
        self.loop.change(self.key, self.interest)
    }

    /// What an open connection waits for.
    var interest: UInt32 {
        (self.isBlocked ? UInt32(APUS_WRITABLE) : 0)
            | (self.isReadingPaused || self.isHeldBack ? 0 : UInt32(APUS_READABLE))
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
        if self.isOpening, self.queuedBytes * 2 <= self.loop.settings.connectionQueueLimit { self.isOpening = false }
        if self.written == output.count {
            self.written = 0
            self.output = nil
            self.loop.buffers.give(output)
            self.awaitAnswers(through: self.enqueuedTotal)
            if self.closesWhenWritten { self.closeOurHalf() }
            return
        }
        self.awaitAnswers(through: self.enqueuedTotal - self.queuedBytes)
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
        self.isReadingPaused = false
        self.loop.change(self.key, self.interest)
        self.followQueue()
        self.arm()
    }

    // MARK: Requests that are out

    /// How long a request is taken to wait for its answer: Timer F with the usual T1. Later its sender has given up.
    private static let answerTime = Interval.seconds(32)
    /// Requests of one connection that are remembered, at most: the latest.
    private static let awaitedLimit = 4096

    /// The marked messages up to the connection's `end`-th byte are with the kernel. Should the connection end before
    /// their answers can be here, their senders hear of it, and need not wait for a timeout (RFC 3261 §17.1.4).
    private func awaitAnswers(through end: Int) {
        let first = self.firstMark
        guard first.token != 0, first.end <= end else { return }
        let now = self.loop.now
        self.remember(first, now)
        self.firstMark.token = 0
        guard !self.marks.isEmpty else { return }
        let done = self.marks.firstIndex { $0.end > end } ?? self.marks.count
        for mark in self.marks.prefix(done) { self.remember(mark, now) }
        if done == self.marks.count { return self.marks = [] }
        self.firstMark = self.marks[done]
        self.marks.removeFirst(done + 1)
    }

    private func remember(_ mark: SendMark, _ now: Instant) {
        if self.awaited.count == self.awaited.capacity { self.awaited.removeAll { $0.until < now } }
        if self.awaited.count == Self.awaitedLimit { self.awaited.removeFirst(Self.awaitedLimit / 2) }
        self.awaited.append(AwaitedAnswer(token: mark.token, until: now + Self.answerTime))
    }
}
