import Bytes

extension RouteContext {
    /// Logs `text`, with the configured prefix of this message, when `level` is on.
    public func log(_ level: LogLevel, _ text: @autoclosure () -> String) {
        let logger = self.program.logger
        guard logger.isOn(level) else { return }
        logger.write(level, prefix: self.program.logPrefix(for: self), text())
    }
}
