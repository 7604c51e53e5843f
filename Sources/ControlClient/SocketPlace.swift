import Bytes
import Glibc

/// Where servers put their control socket when nobody says where.
public enum SocketPlace {
    /// Names the socket of whoever does not give `--socket`.
    public static let variable = "APUS_SOCKET"

    /// Socket files to look for, the likeliest first: of a service, of a server that a user tries out.
    public static func candidates(
        userID: UInt32 = geteuid(), environment: (String) -> String? = { SystemInput.environment($0) }
    ) -> [String] {
        if let path = environment(Self.variable), !path.isEmpty { return [path] }
        let directories =
            ["/run/kamailio", "/run/apus", "/var/run/kamailio"]
            + [environment("XDG_RUNTIME_DIR"), "/tmp/apus-\(userID)"].compactMap { $0 }
        return directories.flatMap { ["\($0)/kamailio_ctl", "\($0)/apus_ctl"] }
    }

    /// A client of the first socket that is served.
    ///
    /// - Throws: what is wrong with the likeliest one: first those that exist.
    public static func connect(to path: String?, timeout: Int = 120) throws(ControlError) -> ControlClient {
        if let path { return try ControlClient(path: Self.withoutScheme(path), timeout: timeout) }
        let places = Self.candidates()
        var problems: [ControlError] = []
        for place in places {
            do throws(ControlError) {
                return try ControlClient(path: place, timeout: timeout)
            } catch {
                problems.append(error)
            }
        }
        let telling = problems.first { if case .noSocket = $0 { false } else { true } }
        throw telling ?? problems.first ?? .noSocket(places.first ?? "")
    }

    /// `unix:` and `unixs:` may stand before the path, as kamcmd has them.
    static func withoutScheme(_ path: String) -> String {
        for scheme in ["unixs:", "unix:"] where path.hasPrefix(scheme) { return String(path.dropFirst(scheme.count)) }
        return path
    }
}
