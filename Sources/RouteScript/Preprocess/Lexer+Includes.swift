import Bytes

extension Lexer {
    static let includeDepthLimit = 10
    /// Files read in one run; a bound against files that include many files that include many files.
    static let fileLimit = 10_000
    /// Bytes of all files together.
    static let fileBytesLimit = 128 << 20

    private var includeDepth: Int { self.stack.count(where: \.isFile) }

    /// Reads the first file; false if it cannot be read.
    func openMain(_ path: String) -> Bool {
        do throws(FileAccess.Failure) {
            self.open(try self.files.read(path), path: path, includedAt: .none)
            return true
        } catch {
            self.diagnostics.error(.cannotReadFile, "cannot read '\(path)': \(Self.words(for: error))", at: .none)
            return false
        }
    }

    func open(_ bytes: [UInt8], path: String, includedAt range: SourceRange) {
        let source = self.sources.add(name: path, origin: .file(includedAt: range), bytes: bytes)
        var next = Frame(text: bytes, source: source)
        next.path = path
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) { next.directory = String(path[...slash]) }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            next.position = 3
            next.lineStart = 3
            next.printFrom = 3
        }
        if range.isPresent { self.push(next) } else { self.frame = next }
    }

    /// Reads the name after `include_file` or `import_file` and goes on in that file.
    func readInclusion(isOptional: Bool, from start: SourceLocation, statementStart begin: Int) {
        self.passBlanks()
        let word = isOptional ? "import_file" : "include_file"
        guard self.byte() == UInt8(ascii: "\"") else {
            return self.diagnostics.error(
                .malformedDirective, "'\(word)' needs a file name in double quotes", at: self.range(from: start)
            )
        }
        let frame = self.frame.source
        let nameStart = self.here
        guard let literal = self.readFileName(from: nameStart) else { return }
        let path = literal.text
        guard frame == self.frame.source else { return }
        let range = SourceRange(start: start, end: literal.range.end)

        let chain = (self.stack + [self.frame]).filter(\.isFile).map(\.path)
        guard self.includeDepth < Self.includeDepthLimit, self.sources.sources.count < Lexer.expansionLimit * 2,
            self.fileCount < Self.fileLimit
        else {
            return self.diagnostics.error(
                .includeTooDeep, "includes are nested more than \(Self.includeDepthLimit) deep", at: range,
                notes: [.init(Self.describe(chain, to: path))]
            )
        }
        var failure = FileAccess.Failure.notFound
        var candidates = [path]
        if let directory = (self.stack + [self.frame]).last(where: \.isFile)?.directory, !directory.isEmpty,
            !path.hasPrefix("/")
        {
            candidates.append(directory + path)
        }
        for candidate in candidates {
            do throws(FileAccess.Failure) {
                let bytes = try self.files.read(candidate)
                self.fileCount += 1
                self.fileBytes += bytes.count
                guard self.fileBytes <= Self.fileBytesLimit else {
                    return self.stop(
                        .inputTooLarge,
                        "the files of this configuration are larger than \(Self.fileBytesLimit >> 20) MiB",
                        start)
                }
                self.flushResolvedText(upTo: min(begin, self.frame.text.count))
                if self.frame.isFile { self.frame.printFrom = self.frame.position }
                self.open(bytes, path: candidate, includedAt: range)
                self.hasSpace = true
                return
            } catch {
                if error != .notFound { failure = error }
            }
        }
        if isOptional, failure == .notFound {
            self.flushResolvedText(upTo: min(begin, self.frame.text.count))
            if self.frame.isFile { self.frame.printFrom = self.frame.position }
            return
        }
        self.diagnostics.error(
            .cannotReadFile, "cannot read '\(path)': \(Self.words(for: failure))", at: literal.range,
            suggestion: isOptional ? nil : "'import_file' accepts a missing file"
        )
    }

    /// The circle that the files go in, or the way to the innermost one.
    private static func describe(_ chain: [String], to path: String) -> String {
        guard let last = chain.lastIndex(where: { $0 == path || $0.hasSuffix("/" + path) }) else {
            return "the files are: " + chain.joined(separator: " → ")
        }
        return "the files include each other in a circle: " + (chain[last...] + [path]).joined(separator: " → ")
    }

    /// One double-quoted string, without joining what follows.
    private func readFileName(from start: SourceLocation) -> StringLiteral? {
        let before = self.frame.position
        var length = 1
        while let byte = self.byte(at: length), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\n") { length += 1 }
        guard self.byte(at: length) == UInt8(ascii: "\"") else {
            self.diagnostics.error(
                .unterminatedString, "this file name has no closing quote", at: SourceRange(start: start, count: 1)
            )
            self.frame.position += length
            return nil
        }
        let bytes = Array(self.frame.text[before + 1..<before + length])
        self.frame.position += length + 1
        let value = self.substituted(bytes, from: start) ?? bytes
        return StringLiteral(
            value: ByteString(value), quote: .double, range: self.range(from: start), isSubstituted: true, anchors: []
        )
    }

    static func words(for failure: FileAccess.Failure) -> String {
        switch failure {
        case .notFound: "no such file"
        case .tooLarge: "the file is larger than \(FileAccess.sizeLimit >> 20) MiB"
        case .unreadable(let message): message
        }
    }
}
