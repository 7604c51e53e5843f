import CAres
import SIPMessage

/// A channel of c-ares.
@safe
final class DNSChannel: @unchecked Sendable {  // one thread turns it; `wake` alone is called by others
    struct Options: Equatable {
        var timeout: Int
        var tries: Int
        var servers: Int

        /// - Parameter resolver: what resolv.conf says, where the settings leave it to that.
        init(_ settings: NameSettings, _ resolver: ResolverOptions) {
            self.timeout = settings.retransmissionTime < 0 ? resolver.timeout : settings.retransmissionTime
            self.tries = settings.retransmissions < 0 ? resolver.attempts : settings.retransmissions
            self.servers = settings.servers
        }
    }

    struct Answer {
        var number: UInt64
        var status: Int32
        var bytes: [UInt8]

        /// What the server said; a name that does not exist comes with an error and a message.
        func read(_ question: DNSQuestion) -> DNSAnswer {
            if self.status != 0, apus_dns_is_negative(self.status) == 0 { return .failure }
            if !self.bytes.isEmpty { return DNSMessageReader.answer(to: question, self.bytes.span) ?? .failure }
            return self.status == 0 ? .failure : .none
        }
    }

    private let handle: OpaquePointer

    /// nil when there is no memory or no descriptor left.
    init?(_ options: Options) {
        var wanted = apus_dns_options()
        wanted.timeout_ms = Int32(clamping: max(options.timeout, 1) * 1000)
        wanted.tries = Int32(clamping: max(options.tries, 1))
        wanted.servers = Int32(clamping: options.servers)
        var status: Int32 = 0
        guard let handle = unsafe apus_dns_open(&wanted, &status) else { return nil }
        unsafe self.handle = handle
    }

    deinit { unsafe apus_dns_close(self.handle) }

    func wake() { unsafe apus_dns_wake(self.handle) }

    func turn(milliseconds: Int) { unsafe apus_dns_turn(self.handle, Int32(clamping: milliseconds)) }

    func ask(_ question: DNSQuestion, number: UInt64, usesSearchList: Bool) {
        // The name is NUL-terminated for the duration of the call; c-ares copies it.
        unsafe question.name.string.withCString { name in
            unsafe apus_dns_ask(self.handle, number, name, Int32(question.type.rawValue), usesSearchList ? 1 : 0)
        }
    }

    func next() -> Answer? {
        guard let answer = unsafe apus_dns_next(self.handle) else { return nil }
        defer { unsafe apus_dns_free(answer) }
        var count = 0
        var bytes: [UInt8] = []
        if let start = unsafe apus_dns_bytes(answer, &count) {
            bytes = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
        }
        return unsafe Answer(number: apus_dns_number(answer), status: apus_dns_status(answer), bytes: bytes)
    }
}
