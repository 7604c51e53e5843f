/// What a diagnostic is about: an identifier that never changes its meaning, and a title for lists.
///
/// Each stage adds its codes as static members in an extension: `E01xx` preprocessor and lexer, `E02xx` syntax,
/// `E03xx` global parameters and sockets, `E04xx` and above for the checker and the compiler. Warnings begin with `W`.
public struct DiagnosticCode: Hashable, Sendable {
    public let id: String
    public let title: String

    public init(_ id: String, _ title: String) {
        self.id = id
        self.title = title
    }

    public static func == (left: DiagnosticCode, right: DiagnosticCode) -> Bool { left.id == right.id }
    public func hash(into hasher: inout Hasher) { hasher.combine(self.id) }
}
