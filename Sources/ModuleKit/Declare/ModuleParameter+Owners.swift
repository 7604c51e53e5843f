import Bytes

extension ModuleParameter {
    /// Two parameters for the owner and the group of a file, each by name or by number.
    public static func owners(
        _ user: String, _ group: String, _ userPath: WritableKeyPath<Settings, UInt32?> & Sendable,
        _ groupPath: WritableKeyPath<Settings, UInt32?> & Sendable
    ) -> [ModuleParameter] {
        self.owner(user, "User", "user", userPath) { SystemProcess.user($0)?.id }
            + self.owner(group, "Group", "group", groupPath) { SystemProcess.groupID($0) }
    }

    private static func owner(
        _ name: String, _ title: String, _ kind: String, _ path: WritableKeyPath<Settings, UInt32?> & Sendable,
        _ find: @escaping @Sendable (String) -> UInt32?
    ) -> [ModuleParameter] {
        [Kind.text, .int].map { type in
            ModuleParameter(
                name, type, default: "the server's own", "\(title) that owns the file, by name or number."
            ) { settings, value in
                let owner =
                    switch value {
                    case .int(let number): String(number)
                    case .text(let text): text.string
                    }
                guard let id = find(owner) else {
                    throw ArgumentError("there is no \(kind) '\(owner)' on this machine")
                }
                settings[keyPath: path] = id
            }
        }
    }
}
