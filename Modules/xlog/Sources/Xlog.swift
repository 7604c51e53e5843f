import Bytes
import ModuleKit

/// The `xlog` module: log lines that a script composes.
public final class Xlog: ServerModule {
    public static let name = "xlog"
    public static let summary = "Log lines with variables in them."

    let settings: Settings

    public init(_ settings: Settings, host: any ModuleHost) throws { self.settings = settings }

    /// Writes a line when its level is on; the text is not even composed otherwise.
    func write(_ route: RouteContext, _ level: Int, _ text: Arguments, _ index: Int, facility: Int? = nil) {
        let logger = route.program.logger
        guard level <= logger.threshold else { return }
        let line = self.settings.prefix + text.text(index, in: route)
        let cut = line.count > self.settings.bufferSize ? ByteString(Array(line.bytes.prefix(self.settings.bufferSize))) : line
        let known = LogLevel(rawValue: max(-5, min(level, 3))) ?? .debug
        logger.write(
            known, facility: facility ?? self.settings.facility, prefix: route.program.logPrefix(for: route).span, cut.span)
    }
}
