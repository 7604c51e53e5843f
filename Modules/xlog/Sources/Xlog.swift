import Bytes
import ModuleKit

/// The `xlog` module: log lines with variables in them.
///
/// A line whose level is off costs one comparison: its variables are not even read.
public final class Xlog: ServerModule {
    public static let name = "xlog"
    public static let summary = "Writes formatted text to the log."

    let settings: Settings
    /// `prefix` with its variables, where `prefix_mode` asks for that; read at the start, for then all modules that
    /// declare variables are there.
    private let prefixFormat: Lock<FormatString?>

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.prefixFormat = Lock(nil)
        for (level, color) in settings.colors { host.logger.setColor(color, of: level) }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        guard self.settings.expandsPrefix else { return hooks }
        let text = self.settings.prefix
        hooks.started = { [unowned self] host in
            do {
                let format = try host.compiler.format(text)
                self.prefixFormat.withLock { $0 = format }
            } catch {
                throw ModuleError("xlog: prefix \(text.string) cannot be read as a text with variables")
            }
        }
        return hooks
    }

    /// Logs what `text` writes, whatever the level: the caller has asked whether it is on.
    /// - Parameter place: stands in front of the text.
    func log(
        _ route: RouteContext, _ level: LogLevel, facility: Int? = nil, place: ScriptPlace? = nil,
        _ text: (ByteBuffer) -> Void
    ) {
        let buffer = ByteBuffer(capacity: 512)
        if let format = self.settings.expandsPrefix ? self.prefixFormat.withLock({ $0 }) : nil {
            format.write(to: buffer, in: route)
        } else {
            buffer.append(self.settings.prefix)
        }
        if let place {
            if self.settings.showsFile {
                buffer.append(place.file)
                buffer.append(UInt8(ascii: ":"))
            }
            buffer.append(decimal: place.line)
            buffer.append(UInt8(ascii: ":"))
        }
        let start = buffer.count
        text(buffer)
        if buffer.count - start > self.settings.bufferSize { buffer.truncate(to: start + self.settings.bufferSize) }
        if self.settings.addsNewline { buffer.append(10) }
        route.program.logger.write(level, facility: facility ?? self.settings.facility, buffer.span, about: route)
    }
}
