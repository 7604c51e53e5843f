import Bytes
import ModuleKit

/// The `xlog` module: log lines with variables in them.
///
/// A line whose level is off costs one comparison: its variables are not even read.
public final class Xlog: ServerModule {
    public static let name = "xlog"
    public static let summary = "Writes formatted text to the log."

    let settings: Settings

    public init(_ settings: Settings, host: any ModuleHost) throws { self.settings = settings }

    /// Logs what `text` writes, when `level` is on.
    func log(_ route: RouteContext, _ level: LogLevel, facility: Int? = nil, _ text: (ByteBuffer) -> Void) {
        let logger = route.program.logger
        guard logger.isOn(level) else { return }
        let buffer = ByteBuffer(capacity: 512)
        buffer.append(self.settings.prefix)
        let start = buffer.count
        text(buffer)
        if buffer.count - start > self.settings.bufferSize { buffer.truncate(to: start + self.settings.bufferSize) }
        if self.settings.addsNewline { buffer.append(10) }
        let prefix = route.program.logPrefix(for: route)
        logger.write(level, facility: facility ?? self.settings.facility, prefix: prefix.span, buffer.span)
    }
}
