/// What a run of the front end gets besides the file: the command line's part of the configuration.
public struct FrontEndOptions: Sendable {
    /// `-A ID` and `-A ID=value`, in order; the text after the option.
    public var defines: [String]
    /// `--subst`, `--substdef`, `--substdefs`, in order.
    public var substitutions: [Substitution]
    public var files: FileAccess
    public var version: ClaimedVersion
    /// Fills `ParsedConfiguration.resolvedText` for `--cfg-print`.
    public var collectsResolvedText: Bool

    public struct Substitution: Sendable {
        public enum Kind: Sendable { case plain, define, quotedDefine }
        public var kind: Kind
        /// `/expression/replacement/flags`
        public var text: String

        public init(_ kind: Kind, _ text: String) {
            self.kind = kind
            self.text = text
        }
    }

    public init(
        defines: [String] = [], substitutions: [Substitution] = [], files: FileAccess = .system,
        version: ClaimedVersion = .current, collectsResolvedText: Bool = false
    ) {
        self.defines = defines
        self.substitutions = substitutions
        self.files = files
        self.version = version
        self.collectsResolvedText = collectsResolvedText
    }
}

extension Lexer {
    /// Installs the built-in defines and those of the command line.
    func prepare(_ options: FrontEndOptions) {
        for (name, value) in options.version.defines {
            self.defines.set(Define(name: name, value: Array(value.utf8), range: .none))
        }
        for text in options.defines { self.defineFromCommandLine(text) }
        for substitution in options.substitutions {
            let source = self.sources.add(
                name: "<command line>", origin: .commandLine, bytes: Array(substitution.text.utf8)
            )
            let range = SourceRange(
                start: SourceLocation(source: source, offset: 0, line: 1, column: 1),
                count: substitution.text.utf8.count
            )
            let kind: SubstitutionKind =
                switch substitution.kind {
                case .plain: .plain
                case .define: .define
                case .quotedDefine: .quotedDefine
                }
            self.addSubstitution(kind, Array(substitution.text.utf8), at: range)
        }
    }

    private func defineFromCommandLine(_ text: String) {
        let bytes = Array(text.utf8)
        let source = self.sources.add(name: "<command line>", origin: .commandLine, bytes: bytes)
        let start = SourceLocation(source: source, offset: 0, line: 1, column: 1)
        let length = bytes.firstIndex(of: UInt8(ascii: "=")) ?? bytes.count
        let name = bytes[..<length]
        let range = SourceRange(start: start, count: max(length, 1))
        guard name.first?.isIdentifierStart == true, name.allSatisfy(\.isIdentifierByte) else {
            return self.diagnostics.error(
                .malformedDirective, "a define is 'NAME' or 'NAME=value', with a name of letters, digits and '_'",
                at: range
            )
        }
        let word = String(decoding: name, as: UTF8.self)
        guard self.defines[word] == nil else {
            return self.diagnostics.error(.duplicateDefine, "'\(word)' is already defined", at: range)
        }
        let value = length < bytes.count ? Array(bytes[(length + 1)...]) : []
        let place =
            value.isEmpty
            ? range : SourceRange(start: start.advanced(by: length + 1), count: value.count)
        self.install(Name(word, at: range), value, at: place)
    }
}
