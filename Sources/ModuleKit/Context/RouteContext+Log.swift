import Bytes

extension RouteContext {
    /// Whether lines of that level are written: by the level of the module whose function runs, when it has one, by the
    /// worker's own level when `setdebug()` gave it one, else by the server's.
    public func isLogging(_ level: LogLevel) -> Bool {
        if let own = self.logRule?.threshold { return level.rawValue <= own }
        guard let own = self.variables.logThreshold else { return self.isProgramLogging(level) }
        return level.rawValue <= own
    }

    /// Logs `text`, with the configured prefix of this message, when `level` is on.
    public func log(_ level: LogLevel, _ text: @autoclosure () -> String) {
        guard self.isLogging(level) else { return }
        let line = ByteString(text())
        self.program.logger.write(level, facility: self.logRule?.facility, line.span, about: self)
    }
}
