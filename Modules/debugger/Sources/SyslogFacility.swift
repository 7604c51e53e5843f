/// Names of syslog facilities (RFC 5424 §6.2.1) as configurations spell them.
enum SyslogFacility {
    private static let names: [(String, Int)] =
        [
            ("LOG_KERN", 0), ("LOG_USER", 1), ("LOG_MAIL", 2), ("LOG_DAEMON", 3), ("LOG_AUTH", 4), ("LOG_SYSLOG", 5),
            ("LOG_LPR", 6), ("LOG_NEWS", 7), ("LOG_UUCP", 8), ("LOG_CRON", 9), ("LOG_AUTHPRIV", 10), ("LOG_FTP", 11),
        ] + (0...7).map { ("LOG_LOCAL\($0)", 16 + $0) }

    static func number(_ name: String) -> Int? { self.names.first { $0.0 == name }?.1 }
    static func name(_ number: Int) -> String? { self.names.first { $0.1 == number }?.0 }
}
