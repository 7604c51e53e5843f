import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// What workers do before any script runs, as one configuration has it.
struct WorkerPolicy: Sendable {
    /// What becomes of requests that begin something while the worker is behind.
    struct Overload: Sendable {
        var isOn: LiveNumber
        var delay: LiveNumber
        var interval: LiveNumber
        var replyCode: LiveNumber
        var retryAfter: LiveNumber
        var reason: ByteString
    }

    var overload: Overload
    /// Makes the refusals.
    var reply: LocalReply
    /// `udp_join`.
    var joinsDatagrams: LiveNumber
    /// `tcp_accept_aliases`.
    var acceptsAliases: LiveNumber
    /// `tcp_script_mode`: a connection goes on after what could not be read.
    var keepsBadStreams: Bool
    /// `dns`, `rev_dns`.
    var viaCheck = CoreSettings.ViaCheck.byAddress
    /// `sip_parser_mode=0`.
    var allowsDoubles: Bool
    /// `udp_accept_proxy`.
    var takesProxyHeader: Bool
    /// `tcp_accept_hep3`.
    var takesHEP: Bool
    /// HTTP may come over streams (`tcp_accept_protocols`).
    var servesHTTP: Bool

    /// Declares what may change at run time.
    /// - Parameter registry: nil where nothing may.
    init(_ settings: ConfigurationSettings, tags: ReplyTags, in registry: ConfigurationRegistry?) {
        func live(
            _ name: ByteString, _ initial: Int, in range: ClosedRange<Int>, _ summary: ByteString
        ) -> LiveNumber {
            var number = LiveNumber(initial)
            guard let registry else { return number }
            var declaration = ConfigurationVariable.Declaration("core", name, .int(initial), summary)
            declaration.range = range
            number.bind(registry.declare(declaration), in: registry)
            return number
        }
        let own = settings.overload
        self.overload = Overload(
            isOn: live(
                "overload_control", own.isOn, in: 0...1, "1: what is new is refused when messages wait too long."),
            delay: live("overload_delay", own.delay, in: 1...10_000, "Milliseconds that a message may wait."),
            interval: live(
                "overload_interval", own.interval, in: 0...60_000,
                "Milliseconds that the wait was too long before anything is refused."),
            replyCode: live(
                "overload_reply_code", own.replyCode, in: 0...699, "Status of the refusal; 0: there is no answer."),
            retryAfter: live(
                "overload_retry_after", own.retryAfter, in: 0...3600,
                "Seconds that refused clients are asked to wait; 0: they are not asked."),
            reason: own.replyReason)
        self.joinsDatagrams = live(
            "udp_join", settings.datagrams.joins, in: 0...2,
            "Datagrams for one peer leave as one: 1 while nobody captures packets, 2 always.")
        self.reply = LocalReply(settings.core, tags: tags)
        self.acceptsAliases = LiveNumber(settings.streams["accept_aliases"])
        if let registry, let variable = registry.find("tcp", "accept_aliases") {
            self.acceptsAliases.bind(variable, in: registry)
        }
        self.allowsDoubles = settings.input.allowsDoubles
        self.takesProxyHeader = settings.input.takesProxyHeader
        self.takesHEP = settings.streams["accept_hep3"] != 0
        self.keepsBadStreams = settings.streams["script_mode"] & 1 != 0
        self.servesHTTP = settings.streams.acceptedProtocols.contains("http")
    }
}
