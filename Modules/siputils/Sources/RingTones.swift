import Bytes
import ModuleKit
import SIPMessage

extension SIPUtils {
    var ringFunction: ScriptFunction {
        let rings = self.rings
        return ScriptFunction(
            "ring_insert_callid", in: .any,
            summary: "Lets one branch of the call send early media; 183 replies of other branches become 180.",
            reference: "RFC 3960 §3.1", outcomes: [1: "always"], example: "ring_insert_callid();"
        ) { route, _ in
            let message = route.message
            rings.watch(route.copy(message.callID), now: route.worker.now)
            return .success
        }
    }

    /// Turns a 183 of a branch that is not the first into a 180 without a body.
    static func quieten(_ route: RouteContext, _ rings: RingTones) {
        let message = route.message
        guard message.statusCode == 183, !rings.isEmpty else { return }
        let tag = route.copy(message.to.tag)
        guard !rings.mayBeHeard(route.copy(message.callID), tag: tag, now: route.worker.now) else { return }
        route.edits.replace(ByteRange(start: message.versionRange.upper + 1, count: 3), withDecimal: 180)
        route.edits.replace(message.reason, with: ("Ringing" as StaticString).span)
        route.edits.delete(message.body)
        let type = message.first(.contentType)
        if type >= 0, message.body.count > 0 { route.edits.removeHeader(at: type, message) }
    }
}

/// Calls of which only one branch may be heard, by Call-ID; each for half a minute after it was last asked for.
final class RingTones: Sendable {
    private struct Call {
        /// To tag of the branch that is heard; nil until one has answered.
        var tag: ByteString?
        var end: Instant
    }

    private static let lifetime = Interval.seconds(30)
    private static let capacity = 100_000
    private let calls = Lock([ByteString: Call]())

    var isEmpty: Bool { self.calls.withLock { $0.isEmpty } }

    func watch(_ callID: ByteString, now: Instant) {
        self.calls.withLock { calls in
            if calls.count >= Self.capacity { calls.removeAll() }
            calls[callID] = Call(tag: calls[callID]?.tag, end: now + Self.lifetime)
        }
    }

    /// Whether a 183 with that To tag is the first of its call, or of a call that nobody watches.
    func mayBeHeard(_ callID: ByteString, tag: ByteString, now: Instant) -> Bool {
        self.calls.withLock { calls in
            guard let call = calls[callID], call.end > now else { return true }
            let heard = call.tag ?? tag
            calls[callID] = Call(tag: heard, end: now + Self.lifetime)
            return heard == tag
        }
    }

    func expire(now: Instant) { self.calls.withLock { calls in calls = calls.filter { $0.value.end > now } } }
}
