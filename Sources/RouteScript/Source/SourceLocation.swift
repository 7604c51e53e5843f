/// Names one text of a `SourceMap`: a file, or the text that a define, a substitution or a command line put in.
public struct SourceID: Hashable, Sendable, BitwiseCopyable {
    public var rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    /// Nowhere: things that no text stands for.
    public static let none = SourceID(rawValue: -1)
}

/// One place in the configuration.
public struct SourceLocation: Hashable, Sendable, BitwiseCopyable {
    public var source: SourceID
    /// Bytes from the start of the text.
    public var offset: Int32
    /// Counted from 1.
    public var line: Int32
    /// Bytes from the start of the line, counted from 1, as Kamailio counts.
    public var column: Int32

    @inlinable
    public init(source: SourceID, offset: Int, line: Int, column: Int) {
        self.source = source
        self.offset = Int32(clamping: offset)
        self.line = Int32(clamping: line)
        self.column = Int32(clamping: column)
    }

    public static let none = SourceLocation(source: .none, offset: 0, line: 0, column: 0)
    @inlinable public var isPresent: Bool { self.source != .none }

    /// The place `bytes` further on the same line.
    @inlinable
    public func advanced(by bytes: Int) -> SourceLocation {
        SourceLocation(
            source: self.source, offset: Int(self.offset) + bytes, line: Int(self.line),
            column: Int(self.column) + bytes
        )
    }
}

/// Text from `start` up to, not including, `end`. The two may lie in different texts (a call whose arguments come from
/// a define); `SourceMap.resolve` turns any range into one of a real file.
public struct SourceRange: Hashable, Sendable, BitwiseCopyable {
    public var start: SourceLocation
    public var end: SourceLocation

    @inlinable
    public init(start: SourceLocation, end: SourceLocation) {
        self.start = start
        self.end = end
    }

    /// `count` bytes on one line.
    @inlinable
    public init(start: SourceLocation, count: Int) {
        self.init(start: start, end: start.advanced(by: count))
    }

    public static let none = SourceRange(start: .none, end: .none)
    @inlinable public var isPresent: Bool { self.start.isPresent }

    /// From where this begins to where `other` ends.
    @inlinable
    public func through(_ other: SourceRange) -> SourceRange {
        guard self.isPresent else { return other }
        return SourceRange(start: self.start, end: other.isPresent ? other.end : self.end)
    }

    /// `count` bytes from the byte `offset` on; right for ranges within one line, such as names and variables.
    @inlinable
    public func part(at offset: Int, count: Int) -> SourceRange {
        SourceRange(start: self.start.advanced(by: offset), count: count)
    }
}
