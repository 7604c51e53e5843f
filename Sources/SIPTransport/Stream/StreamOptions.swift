import CLinux

/// What every connection's descriptor is told.
enum StreamOptions {
    /// On a listening descriptor they hold for all that it accepts.
    static func apply(_ settings: StreamSettings, to descriptor: Int32, isIPv6: Bool) {
        // None of these is worth refusing a connection for.
        _ = apus_socket_set(descriptor, APUS_NO_DELAY, 1)
        if settings.keepsAlive { _ = apus_socket_set(descriptor, APUS_KEEPALIVE, 1) }
        if settings.keepaliveIdle > 0 {
            _ = apus_socket_set(descriptor, APUS_KEEPALIVE_IDLE, Int32(clamping: settings.keepaliveIdle))
        }
        if settings.keepaliveInterval > 0 {
            _ = apus_socket_set(descriptor, APUS_KEEPALIVE_INTERVAL, Int32(clamping: settings.keepaliveInterval))
        }
        if settings.keepaliveCount > 0 {
            _ = apus_socket_set(descriptor, APUS_KEEPALIVE_COUNT, Int32(clamping: settings.keepaliveCount))
        }
        if settings.linger2 > 0 { _ = apus_socket_set(descriptor, APUS_LINGER2, Int32(clamping: settings.linger2)) }
        if !settings.delaysAcknowledgement { _ = apus_socket_set(descriptor, APUS_QUICK_ACK, 1) }
        if settings.synCount > 0 { _ = apus_socket_set(descriptor, APUS_SYN_COUNT, Int32(clamping: settings.synCount)) }
        if let value = settings.typeOfService {
            _ = apus_socket_set(descriptor, isIPv6 ? APUS_TRAFFIC_CLASS : APUS_TOS, Int32(clamping: value))
        }
    }
}
