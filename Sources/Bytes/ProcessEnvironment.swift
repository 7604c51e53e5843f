import Glibc

/// Variables that the process was started with.
public enum ProcessEnvironment {
    /// The value of `name`, or nil when there is none.
    public static func value(_ name: String) -> String? {
        // The text is copied before anything could change the environment; nothing in the server does.
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }
}
