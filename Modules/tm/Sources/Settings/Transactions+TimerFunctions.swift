import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// Two times of a transaction that a script sets, and takes back, together.
private struct TimerPair: Sendable {
    typealias Time = WritableKeyPath<TransactionTimers, Interval> & Sendable

    /// The functions are `t_set_NAME` and `t_reset_NAME`.
    var name: String
    /// What its parameters say of it, in milliseconds.
    var first: (time: Time, argument: String, meaning: String)
    var second: (time: Time, argument: String, meaning: String)
    /// Whether the second may be left out.
    var isSecondOptional = false
    var summary: String
    /// What is taken back.
    var subject: String
    var example: String

    static let all = [
        TimerPair(
            name: "fr", first: (\.inviteFinalResponse, "fr_inv", "fr_inv_timer of this transaction"),
            second: (\.finalResponse, "fr", "fr_timer of this transaction"), isSecondOptional: true,
            summary: "Sets how long this transaction waits for replies.", subject: "fr_timer and fr_inv_timer",
            example: "t_set_fr(60000, 5000);"),
        TimerPair(
            name: "retr", first: (\.t1, "t1", "First retransmission"), second: (\.t2, "t2", "Longest pause"),
            summary: "Sets the retransmission timers of this transaction.", subject: "the retransmission timers",
            example: "t_set_retr(250, 2000);"),
        TimerPair(
            name: "max_lifetime", first: (\.maxInviteLifetime, "inv", "Longest life as an INVITE"),
            second: (\.maxNonInviteLifetime, "noninv", "Longest life as another request"),
            summary: "Sets how long this transaction lives at most, from its creation on.",
            subject: "the longest life of this transaction", example: "t_set_max_lifetime(60000, 10000);"),
    ]
}

extension Transactions {
    /// Times of one transaction, or of the one that is going to be.
    var timerFunctions: [ScriptFunction] { TimerPair.all.flatMap { [self.setter($0), self.resetter($0)] } }

    private func setter(_ pair: TimerPair) -> ScriptFunction {
        ScriptFunction(
            "t_set_\(pair.name)", Argument(pair.first.argument, .int, "\(pair.first.meaning) in ms; 0 keeps it."),
            Argument(
                pair.second.argument, .int, "\(pair.second.meaning) in ms; 0 keeps it.", optional: pair.isSecondOptional
            ),
            in: Self.inTransaction, summary: pair.summary, example: pair.example,
            body: { [self] route, arguments in
                let first = arguments.int(0, in: route) ?? 0
                let second = arguments.int(1, in: route) ?? 0
                self.changeTimers(route) { timers in
                    if first > 0 { timers[keyPath: pair.first.time] = .milliseconds(first) }
                    if second > 0 { timers[keyPath: pair.second.time] = .milliseconds(second) }
                }
                return .success
            }
        )
    }

    private func resetter(_ pair: TimerPair) -> ScriptFunction {
        ScriptFunction(
            "t_reset_\(pair.name)", in: Self.inTransaction,
            summary: "Takes \(pair.subject) back to the parameters.", example: "t_reset_\(pair.name)();",
            body: { [self] route, _ in
                let defaults = self.settings.timers(route.configuration)
                self.changeTimers(route) { timers in
                    timers[keyPath: pair.first.time] = defaults[keyPath: pair.first.time]
                    timers[keyPath: pair.second.time] = defaults[keyPath: pair.second.time]
                }
                return .success
            }
        )
    }
}
