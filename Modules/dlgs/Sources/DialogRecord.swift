import Bytes

/// Where a call stands.
enum DialogState: Int, Sendable, CaseIterable {
    /// The INVITE was seen.
    case initial
    /// A provisional reply was.
    case progress
    /// A 2xx was; its ACK not yet.
    case answered
    /// The ACK was.
    case confirmed
    /// A BYE was.
    case terminated
    /// A failure or a CANCEL was.
    case notAnswered

    /// As RPC answers name it.
    var label: String {
        switch self {
        case .initial: "init"
        case .progress: "progress"
        case .answered: "answered"
        case .confirmed: "confirmed"
        case .terminated: "terminated"
        case .notAnswered: "notanswered"
        }
    }

    var isOver: Bool { self == .terminated || self == .notAnswered }
}

/// Seconds that calls are kept.
struct DialogLifetimes: Sendable {
    var initial: Int
    var active: Int
    var finished: Int
}

/// One call. Times are in seconds since 1970, 0 for never.
struct DialogRecord: Sendable {
    var callID: ByteString
    var fromTag: ByteString
    var toTag = ByteString()
    var source: ByteString
    var target: ByteString
    var data: ByteString
    /// Identifies the record in RPC answers.
    var ruid: ByteString
    var state = DialogState.initial
    var begun: Int
    var answered = 0
    var ended = 0
    var tags: [ByteString] = []

    mutating func receiveReply(_ code: Int, toTag: ByteString, now: Int) {
        switch self.state {
        case .initial, .progress, .notAnswered:
            if code < 200 {
                if self.state == .initial { self.state = .progress }
            } else if code < 300 {
                // Also after a CANCEL: the 2xx was faster.
                self.state = .answered
                self.toTag = toTag
                self.answered = now
                self.ended = 0
            } else if self.state != .notAnswered {
                self.state = .notAnswered
                self.ended = now
            }
        // Replies to later INVITEs of the dialog.
        case .answered, .confirmed, .terminated: break
        }
    }

    mutating func receiveAck() {
        if self.state == .answered { self.state = .confirmed }
    }

    mutating func receiveBye(now: Int) {
        guard !self.state.isOver else { return }
        self.state = .terminated
        self.ended = now
    }

    mutating func receiveCancel(now: Int) {
        switch self.state {
        case .initial, .progress:
            self.state = .notAnswered
            self.ended = now
        case .answered, .confirmed, .terminated, .notAnswered: break
        }
    }

    func isExpired(_ lifetimes: DialogLifetimes, now: Int) -> Bool {
        switch self.state {
        case .initial, .progress, .answered: now - self.begun >= lifetimes.initial
        case .confirmed: now - self.answered >= lifetimes.active
        case .terminated, .notAnswered: now - self.ended >= lifetimes.finished
        }
    }
}
