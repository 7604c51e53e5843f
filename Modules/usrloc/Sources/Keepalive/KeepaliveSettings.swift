import Bytes
import ModuleKit

/// How contacts are kept alive: `ka_*`.
struct KeepaliveSettings: Sendable {
    /// Sum of 1 (all contacts), 2 (those behind NAT), 4 (over UDP only); 0: none.
    var mode = 0
    var from = ByteString("sip:server@kamailio.org")
    var domain = ByteString("kamailio.org")
    var method = ByteString("OPTIONS")
    var filter = 0
    var interval = 40
    var spread = 20
    var timeout = 0
    var logLevel = 255
    var logText = ByteString("to-uri: [$tu] remote-addr: [$sas]")
    /// Codes from 100 on, or classes below 10; empty: every answer counts.
    var codes: [Int] = []

    func counts(_ code: Int) -> Bool {
        self.codes.isEmpty || self.codes.contains { $0 == code || ($0 < 10 && $0 == code / 100) }
    }
}

extension UserLocation {
    static var keepaliveParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "ka_mode", \.keepalive.mode, in: 0...7,
                "Who is asked for a sign of life: sum of 1 (all), 2 (behind NAT: nat_bflag), 4 (over UDP only); 0: nobody."
            ),
            ModuleParameter("ka_from", \.keepalive.from, "URI in From."),
            ModuleParameter("ka_domain", \.keepalive.domain, "Domain in To, where addresses of record have none."),
            ModuleParameter("ka_method", .text, default: "OPTIONS", "Method of the requests.") { settings, value in
                guard case .text(let method) = value, !method.isEmpty, method.bytes.allSatisfy(\.isToken) else {
                    throw ArgumentError("ka_method of module usrloc is the name of a method")
                }
                settings.keepalive.method = method
            },
            ModuleParameter(
                "ka_filter", \.keepalive.filter, in: 0...1, "Accepted; what is in memory is this server's."),
            ModuleParameter("ka_interval", \.keepalive.interval, in: 1...86_400, "Seconds between two requests."),
            ModuleParameter(
                "ka_randomize", \.keepalive.spread, in: 0...86_400, "Accepted; requests are spread evenly."),
            ModuleParameter(
                "ka_timeout", \.keepalive.timeout, in: 0...86_400,
                "Seconds of silence after which a contact is removed; 0: never."),
            ModuleParameter(
                "ka_loglevel", \.keepalive.logLevel, in: -7...255, "Level of a log line for each answer; 255: none."),
            ModuleParameter("ka_logmsg", \.keepalive.logText, "That line; variables tell of the answer."),
            ModuleParameter(
                "ka_reply_codes", .text, default: "0", "Answers that count: \"200,404,5\", codes or classes; 0: all."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                let codes = text.string.split(separator: ",").map { Int($0.filter { $0 != " " }) }
                guard codes.allSatisfy({ ($0 ?? -1) >= 0 }) else {
                    throw ArgumentError("ka_reply_codes of module usrloc is a list of numbers")
                }
                settings.keepalive.codes = codes.compactMap { $0 }.filter { $0 > 0 }
            },
        ]
    }
}
