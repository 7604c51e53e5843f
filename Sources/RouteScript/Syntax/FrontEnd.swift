/// What came of reading a configuration. The tree is usable as far as it goes even when there are errors.
public struct ParsedConfiguration: Sendable {
    public var configuration: ConfigurationFile
    public var sources: SourceMap
    /// Findings of the front end; later stages add theirs.
    public var diagnostics: DiagnosticBag
    /// The defines in force at the end, for `$def(ID)` and its relatives.
    public var defines: DefineTable
    /// What happened to defines on the way, in order.
    public var defineEvents: [DefineEvent]
    /// Where the environment comes from, for `$env(X)` and `modparamx`.
    public var files: FileAccess
    /// The text with includes put in and conditionals resolved; empty unless asked for.
    public var resolvedText: [UInt8]

    /// All findings as text, one after the other in file order.
    public func renderedDiagnostics(usesColour: Bool = false) -> String {
        DiagnosticRenderer(sources: self.sources, usesColour: usesColour).render(self.diagnostics)
    }
}

/// Reads configurations: preprocessor, lexer and parser.
public enum FrontEnd {
    /// Reads the file at `path` (`-`: standard input). Never throws or traps: everything wrong is a diagnostic.
    public static func parse(path: String, options: FrontEndOptions = FrontEndOptions()) -> ParsedConfiguration {
        let lexer = Lexer(files: options.files, collectsResolvedText: options.collectsResolvedText)
        lexer.prepare(options)
        guard lexer.openMain(path) else { return Self.result(of: lexer, ConfigurationFile()) }
        return Self.finish(lexer)
    }

    /// Reads `text` as if it were the file `name`; includes still come from the options' files.
    public static func parse(
        text: String, name: String = "kamailio.cfg", options: FrontEndOptions = FrontEndOptions()
    ) -> ParsedConfiguration {
        Self.parse(bytes: Array(text.utf8), name: name, options: options)
    }

    public static func parse(
        bytes: [UInt8], name: String, options: FrontEndOptions = FrontEndOptions()
    ) -> ParsedConfiguration {
        let lexer = Lexer(files: options.files, collectsResolvedText: options.collectsResolvedText)
        lexer.prepare(options)
        guard bytes.count <= FileAccess.sizeLimit else {
            lexer.diagnostics.error(
                .inputTooLarge, "'\(name)' is larger than \(FileAccess.sizeLimit >> 20) MiB", at: .none
            )
            return Self.result(of: lexer, ConfigurationFile())
        }
        lexer.open(bytes, path: name, includedAt: .none)
        return Self.finish(lexer)
    }

    private static func finish(_ lexer: Lexer) -> ParsedConfiguration {
        lexer.run()
        let parser = Parser(
            tokens: lexer.tokens, sources: lexer.sources, diagnostics: lexer.diagnostics, defines: lexer.defines
        )
        let configuration = parser.parseFile()
        lexer.diagnostics = parser.diagnostics
        return Self.result(of: lexer, configuration)
    }

    private static func result(of lexer: Lexer, _ configuration: ConfigurationFile) -> ParsedConfiguration {
        ParsedConfiguration(
            configuration: configuration, sources: lexer.sources, diagnostics: lexer.diagnostics,
            defines: lexer.defines, defineEvents: lexer.defineEvents, files: lexer.files,
            resolvedText: lexer.resolvedText ?? []
        )
    }
}
