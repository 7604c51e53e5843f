extension CommandLineOptions {
    /// A command line as others may see it: what `-A ID=` and `--modparam=module:name:type:` say is `***`, for it may be
    /// a password.
    static func withoutValues(_ arguments: [String]) -> [String] {
        var shown: [String] = []
        var option = ""
        for argument in arguments {
            switch option {
            case "-A": shown.append(self.cut(argument, behind: "=", 1))
            case "--modparam": shown.append(self.cut(argument, behind: ":", 3))
            case _ where argument.hasPrefix("-A"): shown.append(self.cut(argument, behind: "=", 1))
            case _ where argument.hasPrefix("--modparam="): shown.append(self.cut(argument, behind: ":", 3))
            default: shown.append(argument)
            }
            option = ["-A", "--modparam"].contains(argument) && !["-A", "--modparam"].contains(option) ? argument : ""
        }
        return shown
    }

    private static func cut(_ text: String, behind separator: Character, _ count: Int) -> String {
        let parts = text.split(separator: separator, maxSplits: count, omittingEmptySubsequences: false)
        guard parts.count > count else { return text }
        return parts[..<count].joined(separator: String(separator)) + "\(separator)***"
    }
}
