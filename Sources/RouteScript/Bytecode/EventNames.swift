/// Names of the events that `event_route` blocks can be for.
enum EventNames {
    /// Events with a fixed name.
    static let names = [
        "core:worker-one-init", "core:msg-received", "core:pre-routing", "core:receive-parse-error",
        "core:modinit-before", "core:tkv", "tm:local-request", "tm:local-response", "tm:branch-failure",
        "sl:filtered-ack", "sl:local-response", "dialog:start", "dialog:end", "dialog:failed", "dispatcher:dst-up",
        "dispatcher:dst-down", "htable:mod-init", "usrloc:contact-expired", "xhttp:request", "xmlrpc:request",
        "network:msg", "uac:reply", "nathelper:not-natted", "siptrace:msg", "siptrace:init", "topoh:msg-outgoing",
        "topoh:msg-sending", "topos:msg-outgoing", "topos:msg-sending", "topos:msg-incoming", "topos:msg-receiving",
        "tls:connection-out", "tcp:closed", "tcp:timeout", "tcp:reset", "websocket:closed", "msrp:frame-in",
        "rtpengine:dtmf-event", "evapi:connection-new", "evapi:connection-closed", "evapi:message-received",
        "pike:blocked", "mqtt:message", "mqtt:connected", "mqtt:disconnected", "sipdump:msg", "pua:notify",
        "presence:notify-reply", "stirshaken:init", "sca:call-info", "registrar:update", "lwsc:init",
    ]

    /// Modules whose events carry names that the script or the outside chooses.
    private static let openModules: Set<String> = [
        "htable", "erlang", "kazoo", "rtimer", "timer", "uac", "acc", "cnxcc", "sworker", "sdpops", "evrexec", "mqueue",
        "dmq", "nats", "rtpengine", "tmrec", "ims_registrar_scscf", "ims_usrloc_pcscf", "ims_qos", "ims_dialog",
        "ims_charging", "statsd", "http_async_client", "ndb_redis", "smsops", "xmpp", "secfilter", "corex", "dlgs",
    ]

    /// Whether something may raise the event: a fixed one, one with a further part (`tm:branch-failure:NAME`), or one
    /// of a module that names its events itself.
    static func isKnown(_ name: String) -> Bool {
        if self.names.contains(where: { name == $0 || name.hasPrefix($0 + ":") }) { return true }
        let module = name.prefix { $0 != ":" }
        return self.openModules.contains(String(module))
    }
}
