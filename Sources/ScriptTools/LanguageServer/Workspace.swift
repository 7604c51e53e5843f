import Foundation
import ModuleCatalogue
import ModuleKit
import RouteScript

/// What the editor has open, and what is known of the configurations that it belongs to.
struct Workspace {
    let moduleTypes: [ModuleType]
    let catalogue: [DescribedModule]
    private(set) var documents: [String: TextDocument] = [:]
    /// By the path of the main file.
    private(set) var analyses: [String: ScriptAnalysis] = [:]
    /// Files that the editor was told something about, by main file.
    private var published: [String: Set<String>] = [:]
    /// The main file, when the editor names one.
    var mainFile: String?
    var defines: [String] = []

    init(moduleTypes: [ModuleType], catalogue: [DescribedModule]) {
        self.moduleTypes = moduleTypes
        self.catalogue = catalogue
    }

    mutating func open(_ document: TextDocument) { self.documents[document.path] = document }
    mutating func close(_ path: String) { self.documents[path] = nil }
    mutating func change(_ path: String, to bytes: [UInt8]) { self.documents[path]?.bytes = bytes }

    /// The configuration that the file belongs to: the one that includes it, or itself.
    func mainFile(of path: String) -> String {
        if let mainFile { return mainFile }
        for (main, analysis) in self.analyses where main != path {
            if analysis.includes(path) { return main }
        }
        return path
    }

    /// Checks the configuration that `path` belongs to.
    /// - Returns: what the editor is to show: one `publishDiagnostics` a file.
    mutating func check(_ path: String) -> [JSON] {
        let main = self.findMainFile(of: path)
        let analysis = self.analyse(main)
        self.analyses[main] = analysis
        return self.publish(analysis, main)
    }

    /// Looks in the folder of a file that nobody is known to include for a `kamailio.cfg` that does.
    private mutating func findMainFile(of path: String) -> String {
        let known = self.mainFile(of: path)
        guard known == path, !path.hasSuffix("/kamailio.cfg"), self.analyses[path] == nil else { return known }
        let folder = URL(filePath: path).deletingLastPathComponent()
        for candidate in [folder, folder.deletingLastPathComponent()] {
            let main = candidate.appending(path: "kamailio.cfg").path
            guard FileManager.default.fileExists(atPath: main) else { continue }
            let analysis = self.analyse(main)
            if analysis.includes(path) { return main }
        }
        return path
    }

    private func analyse(_ main: String) -> ScriptAnalysis {
        var options = ScriptAnalysis.Options(moduleTypes: self.moduleTypes)
        options.overlay = self.documents.mapValues(\.bytes)
        options.frontEnd.defines = self.defines
        return ScriptAnalysis.of(path: main, options: options)
    }

    private mutating func publish(_ analysis: ScriptAnalysis, _ main: String) -> [JSON] {
        var byPath: [String: [JSON]] = [:]
        for source in analysis.parsed.sources.sources {
            if case .file = source.origin { byPath[source.name] = byPath[source.name] ?? [] }
        }
        for diagnostic in analysis.sortedDiagnostics {
            let range = analysis.parsed.sources.resolve(diagnostic.range)
            let path = analysis.parsed.sources[range.start.source]?.name ?? main
            byPath[path, default: []].append(analysis.json(of: diagnostic))
        }
        for path in self.published[main] ?? [] where byPath[path] == nil { byPath[path] = [] }
        self.published[main] = Set(byPath.keys)
        return byPath.sorted { $0.key < $1.key }.map { path, diagnostics in
            LanguageServer.notification(
                "textDocument/publishDiagnostics",
                ["uri": .string(self.uri(of: path)), "diagnostics": .array(diagnostics)])
        }
    }

    func uri(of path: String) -> String { self.documents[path]?.uri ?? TextDocument.uri(of: path) }

    /// The document, the analysis of its configuration, and the place in it; nil when the document is not open.
    func place(_ parameters: JSON) -> Place? {
        guard let uri = parameters["textDocument"]["uri"].string,
            let document = self.documents[TextDocument.path(of: uri)],
            let position = TextDocument.Position(parameters["position"])
        else { return nil }
        let analysis = self.analyses[self.mainFile(of: document.path)]
        return Place(document: document, analysis: analysis, offset: document.offset(of: position))
    }

    struct Place {
        var document: TextDocument
        var analysis: ScriptAnalysis?
        /// Bytes from the start of the document.
        var offset: Int

        /// The same place as the analysis names it; nil when the file is not part of the configuration.
        var location: SourceLocation? {
            self.analysis?.file(self.document.path).map { $0.location(at: self.offset) }
        }
    }
}

extension ScriptAnalysis {
    func file(_ path: String) -> SourceFile? {
        self.parsed.sources.sources.first { source in
            if case .file = source.origin { source.name == path } else { false }
        }
    }

    func includes(_ path: String) -> Bool { self.file(path) != nil }

    /// `range` as editors write it, in the file where a reader sees it.
    func json(of range: SourceRange) -> JSON {
        let range = self.parsed.sources.resolve(range)
        guard let source = self.parsed.sources[range.start.source] else {
            return ["start": ["line": 0, "character": 0], "end": ["line": 0, "character": 0]]
        }
        return [
            "start": TextDocument.position(of: range.start, in: source).json,
            "end": TextDocument.position(of: range.end, in: source).json,
        ]
    }

    /// File and range; nil for what stands in no file.
    func location(of range: SourceRange, _ workspace: Workspace) -> JSON? {
        let resolved = self.parsed.sources.resolve(range)
        guard range.isPresent, let source = self.parsed.sources[resolved.start.source] else { return nil }
        guard case .file = source.origin else { return nil }
        return ["uri": .string(workspace.uri(of: source.name)), "range": self.json(of: resolved)]
    }

    func json(of diagnostic: Diagnostic) -> JSON {
        var message = diagnostic.message
        for note in diagnostic.notes where !note.range.isPresent { message += "\n\(note.message)" }
        if let suggestion = diagnostic.suggestion { message += "\n\(suggestion)" }
        let related: [JSON] = diagnostic.notes.compactMap { note in
            let range = self.parsed.sources.resolve(note.range)
            guard note.range.isPresent, let source = self.parsed.sources[range.start.source] else { return nil }
            return [
                "location": ["uri": .string(TextDocument.uri(of: source.name)), "range": self.json(of: range)],
                "message": .string(note.message),
            ]
        }
        return [
            "range": self.json(of: diagnostic.range), "severity": diagnostic.severity == .error ? 1 : 2,
            "code": .string(diagnostic.code.id), "source": "apus", "message": .string(message),
            "relatedInformation": .array(related),
        ]
    }
}
