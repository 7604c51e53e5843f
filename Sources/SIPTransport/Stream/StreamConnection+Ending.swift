import Bytes
import CLinux
import Glibc
import SIPMessage

extension StreamConnection {
    /// Closes once all that waits is written.
    ///
    /// From now on it takes nothing more and nobody finds it.
    func closeWhenWritten() {
        guard !self.closesWhenWritten else { return }
        self.closesWhenWritten = true
        self.owner.table.remove(self)
        if self.output == nil, self.state == .open, !self.isUnflushed {
            self.isUnflushed = true
            self.loop.flushLater(self)
        }
    }

    /// Ends our half and waits for the peer to end its own: closing at once could take bytes back that are on the way.
    func closeOurHalf() {
        if self.loop.settings.closesWithReset { return self.close(.requested) }
        self.state = .closing
        self.phaseSince = self.loop.now
        self.isBlocked = false
        self.loop.change(self.key, UInt32(APUS_READABLE))
        _ = apus_socket_shutdown_send(self.descriptor)
        self.arm()
    }

    /// Closes at once.
    ///
    /// The end, and what did not get out, is reported when the event at hand is dealt with.
    func close(_ reason: CloseReason) {
        guard self.state != .closed else { return }
        self.endCode = reason.code
        self.owner.counts.count(endedBy: reason)
        if self.descriptor >= 0, self.loop.settings.closesWithReset { _ = apus_socket_reset_on_close(self.descriptor) }
        self.release()
        self.loop.reportLater(self, reason)
    }

    /// Gives back all that the connection holds.
    func release() {
        guard self.state != .closed else { return }
        if self.state != .fresh, self.descriptor >= 0 { self.loop.remove(self.key) }
        self.state = .closed
        if self.descriptor >= 0 {
            _ = apus_close(self.descriptor)
            self.descriptor = -1
        }
        self.owner.table.remove(self)
        self.owner.account(-self.queuedBytes)
        self.accountPartial(0)
        self.owner.connectionEnded(on: self.loop)
        if self.isCountedByAddress {
            self.isCountedByAddress = false
            self.owner.addresses.leave(self.peer.ip)
        }
        // Not to the pool: a caller further up may still be looking at them.
        self.kept = nil
        self.output = nil
        self.written = 0
        self.layer = nil
    }

    /// Tells the receiver which messages were lost, which requests get no answer over it any more, and that the
    /// connection is gone.
    func reportEnd(_ reason: CloseReason) {
        let lost = self.firstMark.token == 0 ? [] : [self.firstMark] + self.marks
        let awaited = self.awaited
        self.firstMark.token = 0
        self.marks = []
        self.awaited = []
        guard let receiver = self.loop.receiver else { return }
        var destination = self.destination
        switch reason {
        case .connectFailed, .connectTimedOut: destination.connection = .none  // it never was
        default: break
        }
        if reason.losesAnswers {
            let now = self.loop.now
            var isCounted = false
            for answer in awaited where now < answer.until {
                if !isCounted { self.owner.counts.count(.lostAnswers) }
                isCounted = true
                receiver.sendFailed(to: destination, token: answer.token, code: reason.code, on: self.loop)
            }
        }
        for mark in lost {
            receiver.sendFailed(to: destination, token: mark.token, code: reason.code, on: self.loop)
        }
        receiver.connectionClosed(self, reason: reason, on: self.loop)
    }

    // MARK: Deadlines

    /// When to act if nothing else happens, and what it then is.
    private var deadline: (time: Instant, reason: CloseReason)? {
        let settings = self.loop.settings
        switch self.state {
        case .fresh, .closed: return nil
        case .connecting: return (self.phaseSince + settings.connectTimeout, .connectTimedOut)
        case .closing: return (self.phaseSince + settings.lingerTimeout, .requested)
        case .open:
            var first: (time: Instant, reason: CloseReason) = (self.lastActivity + self.lifetime, .lifetimeEnded)
            if self.awaitsHeader {
                let end = self.phaseSince + settings.headerTimeout
                if end < first.time { first = (end, .noDataInTime) }
            } else if self.isSilent, settings.firstDataTimeout.milliseconds > 0 {
                let end = self.phaseSince + settings.firstDataTimeout
                if end < first.time { first = (end, .noDataInTime) }
            }
            if self.isBlocked, self.stalledSince + settings.sendTimeout < first.time {
                first = (self.stalledSince + settings.sendTimeout, .writeStalled)
            }
            if self.kept != nil, !self.isHeldBack, self.partialSince + settings.messageTimeout < first.time {
                first = (self.partialSince + settings.messageTimeout, .messageTimedOut)
            }
            return first
        }
    }

    /// Has the wheel fire in time for the deadline, unless it does so already.
    func arm() {
        guard let (time, _) = self.deadline else { return }
        let tick = self.loop.wheel.tick(of: time)
        if tick < self.armedTick { self.armedTick = self.loop.wheel.insert(self.key, at: tick) }
    }

    func deadlineFired(_ tick: Int64) {
        guard tick == self.armedTick else { return }  // an entry that a nearer one replaced
        self.armedTick = Int64.max
        guard let (time, reason) = self.deadline else { return }
        if self.loop.now < time {
            self.arm()
        } else {
            self.close(reason)
        }
    }
}
